// What is known of the tries of a task instance, from what the server tells of it.

import { can } from "../../lib/session.js";
import { isUnfinished } from "../../lib/states.js";

// The numbers of its tries, the first one first; none as long as it was never scheduled.
export function triesOf(task) {
  const last = Math.max(task.try_number, ...task.attempts.map((attempt) => attempt.try_number), 0);
  return Array.from({ length: last }, (_, place) => place + 1);
}

// The last attempt of a try; a try has several where the worker was lost meanwhile.
export function attemptOf(task, tryNumber) {
  return task.attempts.filter((attempt) => attempt.try_number === tryNumber).at(-1) ?? null;
}

export function stateOfTry(task, tryNumber) {
  if (tryNumber === task.try_number) return task.state;
  return attemptOf(task, tryNumber)?.state ?? "none";
}

// Whether a try in this state may write more to its log; one that is up for retry is over.
export function isOngoing(state) {
  return isUnfinished(state) && state !== "up_for_retry";
}

export function isMapped(tasks) {
  return tasks.some((task) => task.map_index >= 0);
}

const EDIT = "can_edit on Task Instances";

// May the reader change task instances of this DAG, or, with another right, its runs?
export function mayEdit(dagId, right = EDIT) {
  return (can("can_edit on DAGs") || can(`can_edit on DAG:${dagId}`)) && can(right);
}

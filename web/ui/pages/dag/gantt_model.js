// The rows, the span and the ticks of a Gantt chart.
import { formatClock, formatDuration, toMs } from "../../lib/time.js";

const TICKS = 6;
const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120,
  300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];  // seconds
const END_ROOM = 1.02;
const OFFSETS_MAX_SECONDS = 120;  // of shorter runs the ticks count from the start

export function isEnded(task) {
  return task.end_date !== null || (task.start_date === null && task.state !== "queued");
}

// {key, task, label, depth}
export function rowsOf(tasks, structure, order) {
  const places = new Map([...structure.rows(new Set(structure.groups.keys()))].map(
    (node, place) => [node.id, place]));
  const begin = (task) => toMs(task.queued_at) ?? toMs(task.start_date) ?? Infinity;
  const byPlace = (a, b) => (places.get(a.task_id) ?? 0) - (places.get(b.task_id) ?? 0)
    || a.map_index - b.map_index;
  const sorted = tasks.toSorted((a, b) => {
    const [x, y] = [toMs(a.start_date) ?? begin(a), toMs(b.start_date) ?? begin(b)];
    return order === "start" && x !== y ? x - y : byPlace(a, b);
  });
  return sorted.map((task) => ({ key: `${task.task_id} ${task.map_index}`, task,
    label: task.map_index >= 0 ? `${task.task_id} [${task.map_index}]` : task.task_id }));
}

// {from, to} in ms, or null where nothing has begun.
export function spanOf(run, tasks, now) {
  const times = tasks.flatMap((task) => [task.queued_at, task.start_date, task.end_date,
    ...task.attempts.flatMap((attempt) => [attempt.start_date, attempt.end_date])]);
  const known = [run.start_date, ...times].map(toMs).filter((ms) => ms !== null);
  if (known.length === 0) return null;
  const isOpen = !run.end_date || tasks.some((task) => !isEnded(task));
  // Not spread into Math.min(): a run may have more instances than a call may have arguments.
  const from = known.reduce((least, ms) => Math.min(least, ms), Infinity);
  const last = known.reduce((most, ms) => Math.max(most, ms), isOpen ? now : from + 1);
  return { from, to: from + (last - from) * END_ROOM };
}

// Where a span begins and ends in the chart, in per cent.
export function share(span, start, end) {
  const length = span.to - span.from;
  return { left: 100 * (start - span.from) / length,
    width: 100 * Math.max(0, end - start) / length };
}

export function ticksOf(span) {
  const seconds = (span.to - span.from) / 1000;
  const step = STEPS.find((one) => seconds / one <= TICKS) ?? 86400 * Math.ceil(seconds / 518400);
  const isOffset = seconds <= OFFSETS_MAX_SECONDS;
  const base = isOffset ? span.from : Math.ceil(span.from / 1000 / step) * step * 1000;
  const ticks = [];
  for (let at = base; at < span.to; at += step * 1000) {
    ticks.push({ at: share(span, at, at).left,
      label: isOffset ? formatDuration((at - span.from) / 1000) : formatClock(at) });
  }
  return ticks;
}

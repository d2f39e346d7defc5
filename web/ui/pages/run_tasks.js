// The task instances of a run; those of a mapped task are one row that unfolds.

import { html, useMemo, useState } from "../lib/html.js";
import { DataTable } from "../components/data_table.js";
import { Icon } from "../components/icons.js";
import { EmptyNote } from "../components/notes.js";
import { StateBadge } from "../components/state_badge.js";
import { DurationText, TimeText } from "../components/time_text.js";
import { page } from "../lib/path.js";
import { navigate } from "../lib/router.js";
import { worstState } from "../lib/states.js";
import { toMs } from "../lib/time.js";
import { stateCounts } from "./task/mapped_instances.js";
import { bytesText, fineDuration } from "./task/quantities.js";
import { exitText, operatorName, StartType } from "./task/task_facts.js";

function seconds({ start_date, end_date }) {
  const start = toMs(start_date);
  const end = toMs(end_date);
  return start === null || end === null ? null : (end - start) / 1000;
}

function rowOf(task) {
  const attempt = task.attempts.at(-1);
  return { ...task, attempt, key: `${task.task_id} ${task.map_index}`,
    reason: task.state === "success" ? "" : exitText(attempt) };
}

function extreme(times, choose) {
  const known = times.filter((time) => time !== null && time !== undefined);
  return known.length === 0 ? null : known.reduce((a, b) => (choose(toMs(a), toMs(b)) ? a : b));
}

// One row for all instances of a mapped task.
function summaryOf(task_id, instances) {
  const isOver = instances.every((one) => one.end_date);
  return { task_id, map_index: -1, key: task_id, isMapped: true, attempts: [],
    operator: instances[0].operator, count: instances.length, reason: "",
    state: worstState(instances.map((one) => one.state)), counts: stateCounts(instances),
    start_date: extreme(instances.map((one) => one.start_date), (a, b) => a <= b),
    end_date: isOver ? extreme(instances.map((one) => one.end_date), (a, b) => a >= b) : null };
}

function rowsOf(tasks, unfolded) {
  const byTask = new Map();
  for (const task of tasks) {
    if (!byTask.has(task.task_id)) byTask.set(task.task_id, []);
    byTask.get(task.task_id).push(task);
  }
  return [...byTask].flatMap(([task_id, instances]) => {
    if (!instances.some((one) => one.map_index >= 0)) return instances.map(rowOf);
    const rows = unfolded.has(task_id) ? instances.map(rowOf) : [];
    return [summaryOf(task_id, instances), ...rows];
  });
}

function linkOf(dag_id, run_id, { task_id, map_index }) {
  const link = page`/dags/${dag_id}/runs/${run_id}/tasks/${task_id}`;
  return map_index >= 0 ? `${link}/${map_index}` : link;
}

function NameCell({ row, link, isOpen, toggle }) {
  if (row.map_index >= 0) {
    return html`<a class="mapped-name" href=${link}>${row.task_id} [${row.map_index}]</a>`;
  }
  return html`<span class="task-name">${row.isMapped ? html`<button type="button"
    class="icon-button fold" aria-expanded=${isOpen ? "true" : "false"}
    aria-label=${`Instances of ${row.task_id}`} onClick=${toggle}><${Icon}
    name=${isOpen ? "down" : "right"} size=${12} /></button>` : null}
    <a href=${link}>${row.task_id}</a>
    ${row.isMapped ? html` <span class="muted">[${row.count}]</span>` : null}</span>`;
}

function StateCell({ row }) {
  if (!row.isMapped) return html`<${StateBadge} state=${row.state} />`;
  return html`<span class="state-counts">${row.counts.map(([state, count]) => html`
    <${StateBadge} key=${state} state=${state} count=${count} small />`)}</span>`;
}

function columnsFor({ dag_id, run_id, unfolded, toggle }) {
  const ofAttempt = (show) => (row) => (row.attempt ? show(row.attempt) : "");
  return [
    { id: "task_id", label: "Task", cell: (row) => html`<${NameCell} row=${row}
      link=${linkOf(dag_id, run_id, row)} isOpen=${unfolded.has(row.task_id)}
      toggle=${() => toggle(row.task_id)} />` },
    { id: "state", label: "State", cell: (row) => html`<${StateCell} row=${row} />` },
    { id: "try_number", label: "Try", align: "right" },
    { id: "start_date", label: "Started", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.start_date} />` },
    { id: "duration", label: "Duration", align: "right", className: "nowrap",
      value: seconds,
      cell: (row) => html`<${DurationText} start=${row.start_date} end=${row.end_date} />` },
    { id: "queued", label: "Queued for", align: "right", className: "nowrap",
      value: (row) => row.attempt?.queue_seconds,
      cell: ofAttempt((attempt) => fineDuration(attempt.queue_seconds)) },
    { id: "start_type", label: "Start", value: (row) => row.attempt?.start_type,
      cell: ofAttempt((attempt) => html`<${StartType} type=${attempt.start_type} />`) },
    { id: "memory", label: "Memory", align: "right", className: "nowrap",
      value: (row) => row.attempt?.memory_bytes,
      cell: ofAttempt((attempt) => bytesText(attempt.memory_bytes)) },
    { id: "operator", label: "Operator", className: "nowrap",
      value: (row) => operatorName(row.operator) },
    { id: "reason", label: "Ended because", className: "reason" },
  ];
}

export function RunTasks({ dag_id, run_id, tasks }) {
  const [unfolded, setUnfolded] = useState(new Set());
  const toggle = (task_id) => {
    const next = new Set(unfolded);
    if (!next.delete(task_id)) next.add(task_id);
    setUnfolded(next);
  };
  const rows = useMemo(() => rowsOf(tasks, unfolded), [tasks, unfolded]);
  const columns = useMemo(() => columnsFor({ dag_id, run_id, unfolded, toggle }),
    [dag_id, run_id, unfolded]);
  return html`<${DataTable} rows=${rows} columns=${columns} label="Task instances"
    rowKey=${(row) => row.key} onOpen=${(row) => navigate(linkOf(dag_id, run_id, row))}
    pageSize=${100} empty=${html`<${EmptyNote} title="No task instances yet">They are created when
      the run starts.</${EmptyNote}>`} />`;
}

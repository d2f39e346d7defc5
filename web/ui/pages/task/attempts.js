// The tab with all attempts at the task, with what each took.

import { html } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { EmptyNote } from "../../components/notes.js";
import { StateBadge } from "../../components/state_badge.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { toMs } from "../../lib/time.js";
import { exitText, StartType } from "./task_facts.js";
import { bytesText, fineDuration } from "./quantities.js";

function seconds(attempt) {
  const start = toMs(attempt.start_date);
  const end = toMs(attempt.end_date);
  return start === null || end === null ? null : (end - start) / 1000;
}

const COLUMNS = [
  { id: "try_number", label: "Try", align: "right" },
  { id: "state", label: "State", cell: (row) => html`<${StateBadge} state=${row.state} />` },
  { id: "start_date", label: "Started", className: "nowrap",
    cell: (row) => html`<${TimeText} time=${row.start_date} precision="ms" />` },
  { id: "duration", label: "Duration", className: "nowrap", align: "right", value: seconds,
    cell: (row) => html`<${DurationText} start=${row.start_date} end=${row.end_date} />` },
  { id: "queue_seconds", label: "Queued for", className: "nowrap", align: "right",
    cell: (row) => fineDuration(row.queue_seconds) },
  { id: "start_type", label: "Start",
    cell: (row) => html`<${StartType} type=${row.start_type} />` },
  { id: "start_seconds", label: "Start took", className: "nowrap", align: "right",
    cell: (row) => fineDuration(row.start_seconds) },
  { id: "memory_bytes", label: "Memory", className: "nowrap", align: "right",
    cell: (row) => bytesText(row.memory_bytes) },
  { id: "cpu_seconds", label: "CPU time", className: "nowrap", align: "right",
    cell: (row) => fineDuration(row.cpu_seconds) },
  { id: "environment", label: "Environment",
    cell: (row) => (row.environment ? html`<code>${row.environment}</code>` : "–") },
  { id: "reason", label: "Ended because", value: exitText, className: "reason" },
];

export function Attempts({ task }) {
  return html`<${DataTable} rows=${task.attempts} columns=${COLUMNS} label="Attempts"
    filter=${false} rowKey=${(row) => row.attempt_id}
    initialSort=${{ id: "try_number", descending: true }}
    empty=${html`<${EmptyNote} title="No attempts yet" />`} />`;
}

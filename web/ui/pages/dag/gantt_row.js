// A row of the Gantt chart: a task instance, its earlier tries, its waiting and its running.
import { classes, html, memo } from "../../lib/html.js";
import { stateLabel, stateName } from "../../lib/states.js";
import { formatDuration, formatTime, toMs } from "../../lib/time.js";
import { StateIcon } from "../../components/icons.js";
import { share } from "./gantt_model.js";

function Bar({ span, start, end, state, kind, title }) {
  const { left, width } = share(span, start, end);
  return html`<i class=${classes("gantt-bar", kind)} data-state=${stateName(state)} title=${title}
    style=${{ left: `${left}%`, width: `${width}%`, background: kind === "waits" ? undefined
      : `var(--state-${stateName(state)})` }}></i>`;
}

function titleOf(label, state, start, end) {
  return `${label}\n${stateLabel(state)}\nstarted ${formatTime(start, "ms")}\n${
    formatDuration((end - start) / 1000)}`;
}

function Bars({ row, span, now }) {
  const { task, label } = row;
  const start = toMs(task.start_date);
  const queued = toMs(task.queued_at);
  const end = toMs(task.end_date) ?? (start === null ? null : now);
  const earlier = task.attempts.filter((attempt) => attempt.try_number < task.try_number
    && attempt.start_date && attempt.end_date);
  const hasWaited = queued !== null
    && (start === null ? task.state === "queued" : queued < start);
  return html`${earlier.map((attempt) => html`<${Bar} key=${attempt.attempt_id} span=${span}
      start=${toMs(attempt.start_date)} end=${toMs(attempt.end_date)} state=${attempt.state}
      kind="earlier" title=${titleOf(`${label}, try ${attempt.try_number}`, attempt.state,
        toMs(attempt.start_date), toMs(attempt.end_date))} />`)}
    ${hasWaited ? html`<${Bar} span=${span} start=${queued} end=${start ?? now} kind="waits"
      state=${task.state} title=${`${label}\nqueued for ${
        formatDuration(((start ?? now) - queued) / 1000)}`} />` : null}
    ${start === null ? null : html`<${Bar} span=${span} start=${start} end=${Math.max(start, end)}
      state=${task.state} kind="runs" title=${titleOf(label, task.state, start, end)} />`}`;
}

export const GanttRow = memo(({ row, top, span, now, isSelected }) => html`
  <div class=${classes("grid-row", "gantt-row", isSelected && "selected")}
    data-task=${row.task.task_id} style=${{ top: `${top}px` }}>
    <span class="grid-name" title=${row.label}><${StateIcon} state=${row.task.state} />
      <span class="grid-label">${row.label}</span></span>
    <div class="gantt-bars"><${Bars} row=${row} span=${span} now=${now} /></div></div>`);

// The Gantt chart of a run: when each task instance waited and ran.
import "../../lib/state_sheet.js";
import { get } from "../../lib/api.js";
import { html, useMemo, useRef, useState } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { setQuery } from "../../lib/router.js";
import { useNow } from "../../lib/time.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { ROW_HEIGHT } from "./grid_row.js";
import { GanttRow } from "./gantt_row.js";
import { isEnded, rowsOf, spanOf, ticksOf } from "./gantt_model.js";
import { useWindow } from "./row_window.js";
import { RunPicker } from "./run_picker.js";
import { SidePanel } from "./side_panel.js";
import { StateLegend } from "./state_legend.js";

const ORDERS = { start: "by start", structure: "by structure" };

function applied(tasks, changes) {
  const byKey = new Map(changes.map((change) => [`${change.task_id} ${change.map_index}`, change]));
  return tasks.map((task) => {
    const change = byKey.get(`${task.task_id} ${task.map_index}`);
    if (!change) return task;
    const { state, try_number, start_date, end_date } = change;
    return { ...task, state, try_number, start_date, end_date };
  });
}

// The task instances of a run. What a change says shows at once; the rest (queue times, tries) is
// loaded after it.
function useTasks(dagId, runId) {
  const loaded = useLoad(async (signal) => (await get(
    path`/ui/dags/${dagId}/runs/${runId}/tasks`, {}, { signal })).tasks, [dagId, runId]);
  useChanges({ table: "task_instance", dag_id: dagId, run_id: runId }, (changes, { reset }) => {
    if (!reset) loaded.setData((before) => before && applied(before, changes));
    loaded.reload();
  });
  return loaded;
}

function Axis({ span }) {
  return html`<div class="gantt-axis"><span class="grid-name"></span><div class="gantt-ticks">
    ${ticksOf(span).map(({ at, label }) => html`<span key=${at} style=${{ left: `${at}%` }}>
      ${label}</span>`)}</div></div>`;
}

function Rows({ rows, span, now, selected }) {
  const box = useRef(null);
  const [first, last] = useWindow(box, rows.length, ROW_HEIGHT);
  return html`<div ref=${box} class="grid-rows"
      style=${{ height: `${rows.length * ROW_HEIGHT}px` }}>
    ${rows.slice(first, last).map((row, place) => html`<${GanttRow} key=${row.key} row=${row}
      top=${(first + place) * ROW_HEIGHT} span=${span} now=${isEnded(row.task) ? 0 : now}
      isSelected=${row.task.task_id === selected} />`)}</div>`;
}

function Chart({ run, tasks, structure, selected, order }) {
  const isRunning = !run.end_date || tasks.some((task) => !isEnded(task));
  const now = useNow(500, isRunning);
  const rows = useMemo(() => rowsOf(tasks, structure, order), [tasks, structure, order]);
  const span = spanOf(run, tasks, now);
  const click = (event) => {
    const row = event.target.closest("[data-task]");
    if (row) setQuery({ run: run.run_id, task: row.dataset.task });
  };
  if (!span) return html`<${EmptyNote} title="Nothing has started yet" />`;
  return html`<div class="grid-scroller gantt" onClick=${click} tabindex="0" role="region"
    aria-label="Gantt chart"><${Axis} span=${span} />
    <${Rows} rows=${rows} span=${span} now=${now} selected=${selected} /></div>`;
}

function GanttOfRun({ dagId, run, structure, selected, order }) {
  const { data, error, reload } = useTasks(dagId, run.run_id);
  if (error && !data) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!data) return html`<${Loading} rows=${8} />`;
  return html`<${Chart} run=${run} tasks=${data} structure=${structure} selected=${selected}
    order=${order} />`;
}

export default function Gantt({ dagId, dag, structure, grid, version, query, onTrigger }) {
  const [order, setOrder] = useState("start");
  const runId = grid.places.has(query.run) ? query.run : grid.runs.at(-1)?.run_id ?? null;
  const run = grid.run(runId);
  const selected = useMemo(() => ({ run: runId, task: query.task ?? null }), [runId, query.task]);
  return html`<div class="dag-view with-panel"><section class="panel">
      <div class="panel-head grid-controls"><${RunPicker} grid=${grid} runId=${runId} />
        <span class="spring"></span>
        <div class="segments" role="group" aria-label="Order">${Object.entries(ORDERS).map(
          ([id, label]) => html`<button key=${id} type="button" onClick=${() => setOrder(id)}
            aria-pressed=${id === order ? "true" : "false"}>${label}</button>`)}</div></div>
      ${run ? html`<${GanttOfRun} key=${runId} dagId=${dagId} run=${run} structure=${structure}
        selected=${selected.task} order=${order} />`
        : html`<${EmptyNote} title="No runs">Trigger one to see its tasks in time.</${EmptyNote}>`}
      <${StateLegend} /></section>
    <${SidePanel} dagId=${dagId} dag=${dag} structure=${structure} grid=${grid}
      version=${version} selected=${selected} onTrigger=${onTrigger}
      onClose=${query.run || query.task ? () => setQuery({ run: null, task: null }) : null} />
  </div>`;
}

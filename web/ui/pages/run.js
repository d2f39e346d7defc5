// The page of a run: what it is, the datasets that started it, and its task instances.

import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { Icon } from "../components/icons.js";
import { JsonView } from "../components/json_view.js";
import { Menu } from "../components/menu.js";
import { ErrorBox, Loading } from "../components/notes.js";
import { StateBadge } from "../components/state_badge.js";
import { DurationText, TimeText } from "../components/time_text.js";
import { ApiError, get } from "../lib/api.js";
import { useLoad } from "../lib/load.js";
import { page, path } from "../lib/path.js";
import { RunDialogs } from "./run_dialogs.js";
import { RunTasks } from "./run_tasks.js";
import { stateCounts } from "./task/mapped_instances.js";
import { usePageKeys } from "./task/page_keys.js";
import { useSteadyChanges } from "./task/steady_changes.js";
import { mayEdit } from "./task/tries.js";

const EDIT_RUN = "can_edit on DAG Runs";
const DELETE_RUN = "can_delete on DAG Runs";

function Figure({ name, children }) {
  return html`<div class="figure"><dt>${name}</dt><dd>${children}</dd></div>`;
}

function RunFigures({ run }) {
  return html`<dl class="figures">
    <${Figure} name="Logical date"><${TimeText} time=${run.logical_date} /></${Figure}>
    <${Figure} name="Data interval"><${TimeText} time=${run.data_interval_start} /> –
      ${" "}<${TimeText} time=${run.data_interval_end} /></${Figure}>
    <${Figure} name="Type">${run.run_type.replace("_", " ")}</${Figure}>
    <${Figure} name="Started"><${TimeText} time=${run.start_date} precision="ms" /></${Figure}>
    <${Figure} name="Ended"><${TimeText} time=${run.end_date} precision="ms" /></${Figure}>
    <${Figure} name="Duration"><${DurationText} start=${run.start_date} end=${run.end_date} />
    </${Figure}></dl>`;
}

function sourceLink(event) {
  const { source_dag_id, source_run_id, source_task_id, source_map_index } = event;
  if (!source_dag_id) return html`<span class="muted">from outside</span>`;
  const task = page`/dags/${source_dag_id}/runs/${source_run_id}/tasks/${source_task_id}`;
  return html`<a href=${source_map_index >= 0 ? `${task}/${source_map_index}` : task}
    title=${source_run_id}>${source_dag_id}.${source_task_id}</a>`;
}

function Causes({ dag_id, run_id }) {
  const { data, error } = useLoad((signal) => get(
    path`/dags/${dag_id}/dagRuns/${run_id}/upstreamDatasetEvents`, undefined, { signal }),
  [dag_id, run_id]);
  const events = data?.dataset_events ?? [];
  return html`<section class="panel run-panel"><div class="panel-head"><h2>Started by datasets</h2>
    </div><div class="panel-body">
    ${error ? html`<${ErrorBox} error=${error} />` : null}
    ${data && events.length === 0 ? html`<p class="muted">No events are recorded.</p>` : null}
    <ul class="causes">${events.map((event, place) => html`<li key=${place}>
      <code>${event.dataset_uri}</code> <span class="muted">updated by</span>
      ${" "}${sourceLink(event)} <span class="muted"><${TimeText} time=${event.timestamp} /></span>
    </li>`)}</ul></div></section>`;
}

function Conf({ conf }) {
  if (Object.keys(conf ?? {}).length === 0) return null;
  return html`<section class="panel run-panel"><div class="panel-head"><h2>Configuration</h2></div>
    <div class="panel-body"><${JsonView} value=${conf} /></div></section>`;
}

function Actions({ run, open }) {
  const mayChange = mayEdit(run.dag_id, EDIT_RUN);
  const marks = ["success", "failed", "queued"].map((state) => ({
    label: `Mark as ${state}…`, danger: state === "failed", onClick: () => open(state) }));
  const remove = { label: "Delete…", danger: true, onClick: () => open("delete") };
  const items = [...(mayChange ? marks : []), ...(mayEdit(run.dag_id, DELETE_RUN)
    ? [null, remove] : [])];
  return html`<div class="page-actions">
    ${mayChange ? html`<button type="button" class="button" title="Clear (c)"
        onClick=${() => open("clear")}><${Icon} name="again" /> Clear…</button>
      <button type="button" class="button" onClick=${() => open("note")}><${Icon} name="note" />
        Note</button>` : null}
    ${items.length > 0 ? html`<${Menu} className="button" label="More actions" items=${items}>More
      <${Icon} name="down" size=${12} /></${Menu}>` : null}</div>`;
}

function Run({ run, tasks, reload }) {
  const [opened, open] = useState(null);
  const { dag_id, dag_run_id } = run;
  usePageKeys({ c: mayEdit(dag_id, EDIT_RUN) ? () => open("clear") : undefined });
  const counts = useMemo(() => stateCounts(tasks), [tasks]);
  return html`<div class="page-head"><h1>${dag_run_id}</h1><${StateBadge} state=${run.state} />
      <span class="spring"></span><${Actions} run=${run} open=${open} /></div>
    ${run.note ? html`<p class="note"><${Icon} name="note" /> <span>${run.note}</span></p>` : null}
    <section class="panel task-facts"><${RunFigures} run=${run} /></section>
    ${run.run_type === "dataset_triggered"
      ? html`<${Causes} dag_id=${dag_id} run_id=${dag_run_id} />` : null}
    <${Conf} conf=${run.conf} />
    <div class="section-head"><h2>Task instances</h2><span class="state-counts">
      ${counts.map(([state, count]) => html`<${StateBadge} key=${state} state=${state}
        count=${count} />`)}</span></div>
    <div class="cards"><${RunTasks} dag_id=${dag_id} run_id=${dag_run_id} tasks=${tasks} /></div>
    <${RunDialogs} run=${run} opened=${opened} reload=${reload} onClose=${() => open(null)} />`;
}

export default function RunPage({ fields: { dag_id, run_id } }) {
  const run = useLoad((signal) => get(path`/dags/${dag_id}/dagRuns/${run_id}`, undefined,
    { signal }), [dag_id, run_id]);
  const tasks = useLoad((signal) => get(path`/ui/dags/${dag_id}/runs/${run_id}/tasks`, undefined,
    { signal }), [dag_id, run_id]);
  useSteadyChanges({ table: "dag_run", dag_id, run_id }, run.reload);
  useSteadyChanges({ table: "task_instance", dag_id, run_id }, tasks.reload);
  useEffect(() => { document.title = `${run_id} – ${dag_id}`; }, [dag_id, run_id]);
  const isGone = run.error instanceof ApiError && run.error.status === 404;
  const error = run.error ?? tasks.error;
  return html`<nav class="crumbs" aria-label="Where this is">
      <a href=${page`/dags/${dag_id}/grid`}>${dag_id}</a>
      <${Icon} name="right" size=${12} /><span>Run</span></nav>
    ${error ? html`<${ErrorBox} error=${error} onRetry=${isGone ? undefined
      : () => { run.reload(); tasks.reload(); }} />` : null}
    ${!error && !(run.data && tasks.data) ? html`<${Loading} rows=${8} />` : null}
    ${run.data && tasks.data && !isGone ? html`<${Run} run=${run.data} tasks=${tasks.data.tasks}
      reload=${run.reload} />` : null}`;
}

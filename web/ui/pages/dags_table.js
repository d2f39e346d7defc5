// The rows of the list of DAGs. Only those in sight are in the page, so that a thousand cost no
// more than twenty.
import { classes, html, memo, useRef, useState } from "../lib/html.js";
import { page } from "../lib/path.js";
import { setQuery } from "../lib/router.js";
import { isUnfinished } from "../lib/states.js";
import { Icon, StateIcon } from "../components/icons.js";
import { lazy } from "../components/lazy.js";
import { StateBadge } from "../components/state_badge.js";
import { TimeText } from "../components/time_text.js";
import { PauseSwitch } from "./dag/pause_switch.js";
import { RunBars } from "./dags_run_bars.js";
import { useWindow } from "./dag/row_window.js";

const TriggerDialog = lazy(() => import("./dag/trigger_dialog.js"), "TriggerDialog");

const ROW_HEIGHT = 52;
const TAGS_SHOWN = 3;

const COLUMNS = [
  ["paused", "On", "is-paused"],
  ["name", "DAG", "is-name"],
  ["schedule", "Schedule", "is-schedule"],
  ["next", "Next run", "is-next"],
  ["last", "Last run", "is-last"],
  [null, "Runs", "is-runs"],
  [null, "Now", "is-now"],
  [null, html`<span class="visually-hidden">Trigger</span>`, "is-actions"],
];

function Head({ sort }) {
  const key = sort.replace(/^-/, "");
  return html`<div class="dag-row dag-head" role="row">${COLUMNS.map(([id, label, name]) => html`
    <span key=${name} class=${name} role="columnheader"
      aria-sort=${id !== key ? "none" : sort.startsWith("-") ? "descending" : "ascending"}>
      ${id === null ? label : html`<button type="button" class="sort"
        onClick=${() => setQuery({ sort: sort === id ? `-${id}` : id })}>${label}
        <span class="sort-mark">${id === key ? html`<${Icon} size=${12}
          name=${sort.startsWith("-") ? "down" : "up"} />` : null}</span></button>`}</span>`)}
  </div>`;
}

function Now({ dag }) {
  const counts = Object.entries(dag.task_states).filter(([state]) => isUnfinished(state));
  if (counts.length === 0 && dag.run_states.queued) {
    return html`<${StateBadge} state="queued" count=${dag.run_states.queued} small
      title="Runs that are queued" />`;
  }
  return counts.map(([state, count]) => html`<${StateBadge} key=${state} state=${state}
    count=${count} small title=${`Task instances: ${count} ${state}`} />`);
}

function Name({ dag }) {
  const tags = dag.tags.slice(0, TAGS_SHOWN);
  return html`<span class="is-name" role="cell">
    <span class="line"><a href=${page`/dags/${dag.dag_id}/grid`}
      title=${dag.dag_id}>${dag.display_name}</a>
      ${dag.has_import_errors ? html`<span class="bad" title="Its file has an import error">
        <${Icon} name="warning" size=${14} /></span>` : null}
      ${tags.map((tag) => html`<span key=${tag} class="tag">${tag}</span>`)}
      ${dag.tags.length > tags.length ? html`<span class="tag"
        title=${dag.tags.join(", ")}>+${dag.tags.length - tags.length}</span>` : null}</span>
    <span class="line small muted">${[dag.owners.join(", "), dag.description].filter(Boolean)
      .join(" · ")}</span></span>`;
}

function NextRun({ dag }) {
  if (!dag.next_run) return html`<span class="muted">–</span>`;
  if (dag.is_paused) return html`<span class="muted" title="It is paused">paused</span>`;
  return html`<${TimeText} time=${dag.next_run} relative />`;
}

function LastRun({ dag }) {
  const run = dag.runs.at(-1);
  if (!run) return html`<span class="muted">–</span>`;
  return html`<a href=${`${page`/dags/${dag.dag_id}/grid`}?run=${encodeURIComponent(run.run_id)}`}>
    <${StateIcon} state=${run.state} /> <${TimeText} time=${run.start_date ?? run.logical_date}
    relative /></a>`;
}

const DagRow = memo(({ dag, place, change, onTrigger }) => html`
  <div class=${classes("dag-row", dag.is_paused && "paused")} role="row" data-dag=${dag.dag_id}
    style=${{ top: `${place * ROW_HEIGHT}px` }} aria-rowindex=${place + 2}>
    <span class="is-paused" role="cell"><${PauseSwitch} dag=${dag} change=${change} /></span>
    <${Name} dag=${dag} />
    <span class="is-schedule" role="cell">${dag.schedule === "None"
      ? html`<span class="muted">none</span>`
      : html`<span class="mono" title=${dag.timetable_description}>${dag.schedule}</span>`}</span>
    <span class="is-next" role="cell"><${NextRun} dag=${dag} /></span>
    <span class="is-last" role="cell"><${LastRun} dag=${dag} /></span>
    <span class="is-runs" role="cell"><${RunBars} dagId=${dag.dag_id} runs=${dag.runs} /></span>
    <span class="is-now" role="cell"><${Now} dag=${dag} /></span>
    <span class="is-actions" role="cell">${dag.can_trigger ? html`<button type="button"
      class="icon-button" title="Trigger a run" aria-label=${`Trigger ${dag.dag_id}`}
      onClick=${() => onTrigger(dag)}><${Icon} name="play" /></button>` : null}</span>
  </div>`);

export function DagTable({ dags, sort, change }) {
  const box = useRef(null);
  const [first, last] = useWindow(box, dags.length, ROW_HEIGHT);
  const [triggered, setTriggered] = useState(null);
  const shown = dags.slice(first, last);
  return html`<div class="dag-table panel" role="table" aria-label="DAGs"
      aria-rowcount=${dags.length + 1}>
    <${Head} sort=${sort} />
    <div ref=${box} class="dag-rows" role="rowgroup"
      style=${{ height: `${dags.length * ROW_HEIGHT}px` }}>
      ${shown.map((dag, place) => html`<${DagRow} key=${dag.dag_id} dag=${dag}
        place=${first + place} change=${change} onTrigger=${setTriggered} />`)}</div>
    ${triggered ? html`<${TriggerDialog} dagId=${triggered.dag_id}
      isPaused=${triggered.is_paused} onClose=${() => setTriggered(null)} />` : null}
  </div>`;
}

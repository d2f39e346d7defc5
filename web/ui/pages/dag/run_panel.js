// A run: its facts, what became of its tasks, and what can be done with it.
import { html, useState } from "../../lib/html.js";
import { page } from "../../lib/path.js";
import { Icon } from "../../components/icons.js";
import { JsonView } from "../../components/json_view.js";
import { Menu } from "../../components/menu.js";
import { StateBadge } from "../../components/state_badge.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { RunDialogs } from "../run_dialogs.js";
import { mayEdit } from "../task/tries.js";
import { Counts, countsOf } from "./counts.js";
import { canTriggerDag } from "./head.js";

const EDIT_RUN = "can_edit on DAG Runs";
const DELETE_RUN = "can_delete on DAG Runs";

function Actions({ dagId, run, open, onTrigger }) {
  const mayChange = mayEdit(dagId, EDIT_RUN);
  const marks = ["success", "failed"].map((state) => ({ label: `Mark as ${state} …`,
    danger: state === "failed", onClick: () => open(state) }));
  const again = { label: "Trigger again with its conf …",
    onClick: () => onTrigger(run.conf ?? {}) };
  const remove = { label: "Delete …", danger: true, onClick: () => open("delete") };
  const items = [...(mayChange ? marks : []), ...(canTriggerDag(dagId) ? [again] : []),
    ...(mayEdit(dagId, DELETE_RUN) ? [null, remove] : [])];
  return html`<div class="side-actions">
    <a class="button" href=${page`/dags/${dagId}/runs/${run.run_id}`}>
      <${Icon} name="expand" size=${14} />Open</a>
    ${mayChange ? html`<button type="button" class="button" onClick=${() => open("clear")}>
        <${Icon} name="again" size=${14} />Clear …</button>
      <button type="button" class="button" onClick=${() => open("note")}>
        <${Icon} name="note" size=${14} />Note</button>` : null}
    ${items.length > 0 ? html`<${Menu} label="More actions" className="button" items=${items}>
      <${Icon} name="more" size=${14} /></${Menu}>` : null}</div>`;
}

export function RunFacts({ run }) {
  return html`<dl class="facts">
    <dt>State</dt><dd><${StateBadge} state=${run.state} /></dd>
    <dt>Type</dt><dd>${(run.run_type ?? "").replaceAll("_", " ")}</dd>
    <dt>Logical date</dt><dd><${TimeText} time=${run.logical_date} /></dd>
    ${run.data_interval_start ? html`<dt>Data interval</dt><dd>
      <${TimeText} time=${run.data_interval_start} /> –${" "}
      <${TimeText} time=${run.data_interval_end} /></dd>` : null}
    ${run.queued_at ? html`<dt>Queued</dt><dd><${TimeText} time=${run.queued_at} /></dd>` : null}
    <dt>Started</dt><dd><${TimeText} time=${run.start_date} /></dd>
    <dt>Ended</dt><dd><${TimeText} time=${run.end_date} /></dd>
    <dt>Duration</dt><dd><${DurationText} start=${run.start_date} end=${run.end_date} /></dd>
  </dl>`;
}

export function RunPanel({ dagId, structure, grid, run, onTrigger }) {
  const [opened, setOpened] = useState(null);
  const counts = countsOf(grid, [...structure.tasks.keys()], grid.places.get(run.run_id));
  const isOther = run.dag_hash && run.dag_hash !== structure.data.dag_hash;
  return html`<${Actions} dagId=${dagId} run=${run} open=${setOpened} onTrigger=${onTrigger} />
    ${run.note ? html`<p class="note">${run.note}</p>` : null}
    <${Counts} counts=${counts} />
    <${RunFacts} run=${run} />
    ${isOther ? html`<p class="muted">It ran an earlier version of the DAG than the one shown.</p>`
      : null}
    ${Object.keys(run.conf ?? {}).length > 0 ? html`<h3>conf</h3>
      <${JsonView} value=${run.conf} />` : null}
    <${RunDialogs} run=${{ ...run, dag_id: dagId, dag_run_id: run.run_id }} opened=${opened}
      onClose=${() => setOpened(null)} reload=${() => grid.refresh(run.run_id)} />`;
}

// What stands above all views of a DAG: its name, its switch, when it runs next, and what to do.
import { del } from "../../lib/api.js";
import { html, useState } from "../../lib/html.js";
import { path } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { Confirm } from "../../components/dialog.js";
import { Icon } from "../../components/icons.js";
import { lazy } from "../../components/lazy.js";
import { Menu } from "../../components/menu.js";
import { toast } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { PauseSwitch } from "./pause_switch.js";

const TriggerDialog = lazy(() => import("./trigger_dialog.js"), "TriggerDialog");

export function canEditDag(dagId) {
  return can("can_edit on DAGs") || can(`can_edit on DAG:${dagId}`);
}

export function canTriggerDag(dagId) {
  return canEditDag(dagId) && can("can_create on DAG Runs");
}

function canDeleteDag(dagId) {
  return can("can_delete on DAGs") || can(`can_delete on DAG:${dagId}`);
}

function DeleteDialog({ dagId, onClose }) {
  const act = async () => {
    await del(path`/dags/${dagId}`);
    toast(`${dagId} is deleted.`);
    navigate("/dags");
  };
  return html`<${Confirm} title=${`Delete ${dagId}?`} confirm="Delete" danger onConfirm=${act}
    onClose=${onClose}>
    <p>Its runs, task instances and XComs go with it. It comes back, with no history, if its file
      still defines it.</p></${Confirm}>`;
}

function Facts({ dag, structure }) {
  const data = structure?.data;
  return html`<div class="dag-facts">
    ${dag?.is_active === false ? html`<span class="tag">its file is gone</span>` : null}
    ${data ? html`<span title="Schedule"><${Icon} name="clock" size=${14} />
      <span class="mono">${data.schedule === "None" ? "no schedule" : data.schedule}</span>
      </span>` : null}
    ${dag?.next_dagrun_create_after ? html`<span class="muted">next run
      ${dag.is_paused ? html` is paused` : html` <${TimeText}
        time=${dag.next_dagrun_create_after} relative />`}</span>` : null}
    ${(data?.tags ?? []).map((tag) => html`<a key=${tag} class="tag"
      href=${`#/dags?tag=${encodeURIComponent(tag)}`}>${tag}</a>`)}</div>`;
}

// triggering: the conf with which the dialog opens, or null while it is closed.
export function DagHead({ dagId, dag, structure, change, triggering, setTriggering }) {
  const [isDeleting, setDeleting] = useState(false);
  const items = [{ label: "Delete …", danger: true, onClick: () => setDeleting(true) }];
  return html`<div class="page-head dag-page-head">
    ${dag ? html`<${PauseSwitch} change=${change}
      dag=${{ ...dag, can_edit: canEditDag(dagId) }} />` : null}
    <h1 title=${dagId}>${dag?.dag_display_name ?? dagId}</h1>
    <${Facts} dag=${dag} structure=${structure} />
    ${dag?.has_import_errors ? html`<a class="bad" href="#/errors">
      <${Icon} name="warning" size=${14} /> Its file has an import error</a>` : null}
    <span class="spring"></span>
    <span class="head-actions">
      ${canTriggerDag(dagId) ? html`<button type="button" class="button primary"
        title="Trigger a run" onClick=${() => setTriggering({})}><${Icon} name="play" size=${14} />
        Trigger</button>` : null}
      ${canDeleteDag(dagId) ? html`<${Menu} label="More" items=${items}>
        <${Icon} name="more" /></${Menu}>` : null}</span>
    ${triggering ? html`<${TriggerDialog} dagId=${dagId} isPaused=${dag?.is_paused ?? false}
      conf=${triggering} onClose=${() => setTriggering(null)} />` : null}
    ${isDeleting ? html`<${DeleteDialog} dagId=${dagId}
      onClose=${() => setDeleting(false)} />` : null}</div>`;
}

// What can be done with a run: clear, set its state, note, delete.

import { html } from "../lib/html.js";
import { Confirm } from "../components/dialog.js";
import { toast } from "../components/notes.js";
import { StateBadge } from "../components/state_badge.js";
import { del, patch, post } from "../lib/api.js";
import { path } from "../lib/path.js";
import { navigate } from "../lib/router.js";
import { NoteDialog } from "./task/note_dialog.js";
import { TouchDialog } from "./task/touch_dialog.js";

const MARK_TEXTS = {
  success: "The run and all its task instances that have not ended become successful; what runs is "
    + "stopped.",
  failed: "The run fails; its task instances that run are stopped, those that wait are skipped.",
  queued: "The run is started again; its task instances stay as they are.",
};

function Mark({ target, state, onClose, reload }) {
  const act = async () => {
    await patch(target, { state });
    toast(`The run is marked as ${state}.`);
    reload();
  };
  return html`<${Confirm} title=${`Mark the run as ${state}`} confirm=${`Mark as ${state}`}
    danger=${state === "failed"} onConfirm=${act} onClose=${onClose}>
    <p><${StateBadge} state=${state} /> ${MARK_TEXTS[state]}</p></${Confirm}>`;
}

function Delete({ target, run, onClose }) {
  const act = async () => {
    await del(target);
    toast("The run is deleted.");
    navigate(path`/dags/${run.dag_id}/grid`);
  };
  return html`<${Confirm} title="Delete the run" confirm="Delete" danger onConfirm=${act}
    onClose=${onClose}><p>The run <b>${run.dag_run_id}</b> goes with its task instances, tries and
    XComs. This cannot be undone.</p></${Confirm}>`;
}

export function RunDialogs({ run, opened, onClose, reload }) {
  if (!opened) return null;
  const target = path`/dags/${run.dag_id}/dagRuns/${run.dag_run_id}`;
  const all = { target, run, onClose, reload };
  if (opened === "note") {
    return html`<${NoteDialog} target=${target} note=${run.note} onSaved=${reload}
      onClose=${onClose} />`;
  }
  if (opened === "delete") return html`<${Delete} ...${all} />`;
  if (opened !== "clear") return html`<${Mark} ...${all} state=${opened} />`;
  const act = (dry_run) => post(`${target}/clear`, { dry_run });
  return html`<${TouchDialog} title="Clear the run" verb="cleared" confirm="Clear" act=${act}
    onClose=${onClose}><p>All its task instances run again; their logs and earlier tries are
    kept.</p></${TouchDialog}>`;
}

// Triggers a run of a DAG, or starts a backfill.
import { get, patch, post } from "../../lib/api.js";
import { html, useEffect, useState } from "../../lib/html.js";
import { useLoad } from "../../lib/load.js";
import { path, withQuery } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { Confirm } from "../../components/dialog.js";
import { ErrorBox, Loading, toast } from "../../components/notes.js";
import { BackfillForm, NEW_BACKFILL, startBackfill } from "./backfill_form.js";
import { ConfForm, readForm } from "./conf_form.js";
import { fieldsOf, withConf } from "./conf_fields.js";

const EMPTY_FORM = { mode: "json", fields: [], text: "", problems: {} };

function formOf(params, conf) {
  const fields = withConf(fieldsOf(params), conf ?? {});
  const text = conf && Object.keys(conf).length > 0 ? JSON.stringify(conf, null, 2) : "";
  return { ...EMPTY_FORM, fields, text, mode: fields.length > 0 ? "form" : "json" };
}

function Optional({ runId, setRunId, date, setDate, note, setNote }) {
  return html`<details class="more-options"><summary>Run id, logical date, note</summary>
    <label class="field"><span>Run id</span><input value=${runId} id="trigger-run-id"
      placeholder="made from the time" onInput=${(event) => setRunId(event.target.value)} /></label>
    <label class="field"><span>Logical date</span><input type="datetime-local" step="1"
      value=${date} onInput=${(event) => setDate(event.target.value)} />
      <small>In the zone of this device; empty: now</small></label>
    <label class="field"><span>Note</span><textarea rows="2" value=${note}
      onInput=${(event) => setNote(event.target.value)} /></label></details>`;
}

function bodyOf({ conf, runId, date, note }) {
  return { conf, ...(runId.trim() ? { dag_run_id: runId.trim() } : {}),
    ...(date ? { logical_date: new Date(date).toISOString() } : {}),
    ...(note.trim() ? { note: note.trim() } : {}) };
}

function Choice({ isBackfill, onChange }) {
  return html`<div class="segments" role="group" aria-label="What to start">
    ${[[false, "One run"], [true, "Backfill"]].map(([value, label]) => html`<button key=${label}
      type="button" aria-pressed=${value === isBackfill ? "true" : "false"}
      onClick=${() => onChange(value)}>${label}</button>`)}</div>`;
}

// `conf`: that of a run which is to be repeated. After it, the reader is led to the run's grid.
export function TriggerDialog({ dagId, isPaused, conf, onClose }) {
  const structure = useLoad((signal) => get(path`/ui/dags/${dagId}/structure`, {}, { signal }),
    [dagId]);
  const [form, setForm] = useState(null);
  const [runId, setRunId] = useState("");
  const [date, setDate] = useState("");
  const [note, setNote] = useState("");
  const [unpause, setUnpause] = useState(isPaused);
  const [backfill, setBackfill] = useState(null);  // what is asked for it; null: one run
  useEffect(() => {
    if (structure.data) setForm(formOf(structure.data.params, conf));
  }, [structure.data]);
  const trigger = async () => {
    const read = readForm(form);
    if (read.problems) {
      setForm({ ...form, problems: read.problems });
      throw new Error("conf is not complete; see above");
    }
    if (backfill) {
      await startBackfill(dagId, backfill, read.conf);
      toast(`A backfill of ${dagId} is started.`);
      return;
    }
    const run = await post(path`/dags/${dagId}/dagRuns`, bodyOf({ ...read, runId, date, note }));
    if (isPaused && unpause) {
      await patch(path`/dags/${dagId}`, { is_paused: false }, { update_mask: "is_paused" });
    }
    toast(`${run.dag_run_id} is triggered.`);
    navigate(withQuery(path`/dags/${dagId}/grid`, { run: run.dag_run_id }));
  };
  const mayFill = can("can_create on Backfills") && structure.data?.schedule !== "None";
  return html`<${Confirm} title=${`Trigger ${dagId}`} confirm=${backfill ? "Start" : "Trigger"}
      onConfirm=${trigger} onClose=${onClose} disabled=${!form}>
    ${mayFill ? html`<${Choice} isBackfill=${backfill !== null}
      onChange=${(isOne) => setBackfill(isOne ? NEW_BACKFILL : null)} />` : null}
    <${ErrorBox} error=${structure.error} onRetry=${structure.reload} />
    ${form ? html`<${ConfForm} state=${form} onChange=${setForm} />` : html`<${Loading} />`}
    ${backfill ? html`<${BackfillForm} form=${backfill} onChange=${setBackfill} />`
      : html`<${Optional} runId=${runId} setRunId=${setRunId} date=${date} setDate=${setDate}
        note=${note} setNote=${setNote} />`}
    ${isPaused && !backfill ? html`<label class="check"><input type="checkbox" checked=${unpause}
      onChange=${(event) => setUnpause(event.target.checked)} />
      Turn the DAG on, since while it is paused its runs wait</label>` : null}
  </${Confirm}>`;
}

// What the dialog that triggers asks for a backfill.
import { post } from "../../lib/api.js";
import { html } from "../../lib/html.js";

export const NEW_BACKFILL = { from: "", to: "", most: 10, reprocess: "none", backwards: false };

const REPROCESS = [["none", "leave them"], ["failed", "run the failed ones again"],
  ["completed", "run them all again"]];

export function BackfillForm({ form, onChange }) {
  const set = (name) => (event) => onChange({ ...form, [name]: event.target.value });
  return html`<div class="backfill-form">
    <label class="field"><span>From</span><input type="datetime-local" id="backfill-from"
      value=${form.from} onInput=${set("from")} /></label>
    <label class="field"><span>To</span><input type="datetime-local" id="backfill-to"
      value=${form.to} onInput=${set("to")} />
      <small>Logical dates, both included, in the zone of this device</small></label>
    <label class="field"><span>Runs at once</span><input type="number" min="1" id="backfill-most"
      value=${form.most} onInput=${set("most")} /></label>
    <label class="field"><span>Runs that have ended before</span>
      <select id="backfill-reprocess" onChange=${set("reprocess")}>
        ${REPROCESS.map(([id, label]) => html`<option key=${id} value=${id}
          selected=${id === form.reprocess}>${label}</option>`)}</select></label>
    <label class="check"><input type="checkbox" checked=${form.backwards}
      onChange=${(event) => onChange({ ...form, backwards: event.target.checked })} />
      The latest first</label></div>`;
}

export function startBackfill(dagId, { from, to, most, reprocess, backwards }, conf) {
  if (!from || !to) throw new Error("A backfill needs a first and a last date.");
  return post("/api/v2/backfills", { dag_id: dagId, from_date: new Date(from).toISOString(),
    to_date: new Date(to).toISOString(), max_active_runs: Number(most),
    reprocess_behavior: reprocess, run_backwards: backwards,
    ...(Object.keys(conf).length > 0 ? { dag_run_conf: conf } : {}) });
}

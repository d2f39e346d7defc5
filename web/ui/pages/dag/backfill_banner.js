// The backfill of a DAG that is going on: how far it is, and what to do with it.
import { get, put } from "../../lib/api.js";
import { html, useState } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { can } from "../../lib/session.js";
import { Confirm } from "../../components/dialog.js";
import { Icon } from "../../components/icons.js";
import { toast } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { canEditDag } from "./head.js";

function progressOf({ run_states: states }) {
  const count = (...names) => names.reduce((sum, name) => sum + (states[name] ?? 0), 0);
  const ended = count("success", "failed");
  return { ended, failed: count("failed"), running: count("running"),
    all: ended + count("running", "queued") };
}

function CancelDialog({ act, onClose }) {
  return html`<${Confirm} title="Cancel the backfill?" confirm="Cancel the backfill" danger
    onConfirm=${act} onClose=${onClose}>
    <p>Those of its runs that wait are marked failed; those that run go on.</p></${Confirm}>`;
}

function Actions({ backfill, reload }) {
  const [isCancelling, setCancelling] = useState(false);
  const send = async (verb) => {
    await put(path`/api/v2/backfills/${backfill.id}/${verb}`);
    await reload();
  };
  const change = (verb) => send(verb).catch(toast);
  return html`<span class="head-actions">
    <button type="button" class="button"
      onClick=${() => change(backfill.is_paused ? "unpause" : "pause")}>
      ${backfill.is_paused ? "Go on" : "Pause"}</button>
    <button type="button" class="button" onClick=${() => setCancelling(true)}>Cancel …</button>
    ${isCancelling ? html`<${CancelDialog} act=${() => send("cancel")}
      onClose=${() => setCancelling(false)} />` : null}</span>`;
}

function isOfBackfill(change, dagId) {
  return change.dag_id === dagId && (change.table === "dag"
    || (change.table === "dag_run" && change.run_type === "backfill"));
}

export function BackfillBanner({ dagId }) {
  const mayRead = can("can_read on Backfills");
  const { data, reload } = useLoad((signal) => (mayRead
    ? get(path`/ui/dags/${dagId}/backfill`, {}, { signal }) : null), [dagId, mayRead]);
  useChanges((change) => isOfBackfill(change, dagId), reload);
  const backfill = data?.backfill;
  if (!backfill) return null;
  const { ended, failed, running, all } = progressOf(backfill);
  return html`<section class="backfill-banner" aria-label="Backfill">
    <b><${Icon} name="clock" size=${14} /> Backfill${backfill.is_paused ? " (paused)" : ""}</b>
    <span><${TimeText} time=${backfill.from_date} precision="minute" />${" – "}
      <${TimeText} time=${backfill.to_date} precision="minute" /></span>
    <progress max=${all} value=${ended} aria-label="Runs that have ended" />
    <span class="counts">${[`${ended} of ${all} runs have ended`, failed ? `${failed} failed` : "",
      `${running} running, at most ${backfill.max_active_runs}`].filter(Boolean).join("; ")}</span>
    <span class="spring"></span>
    ${canEditDag(dagId) && can("can_edit on Backfills")
      ? html`<${Actions} backfill=${backfill} reload=${reload} />` : null}</section>`;
}

import { html } from "../../lib/html.js";
import { setQuery } from "../../lib/router.js";
import { stateLabel } from "../../lib/states.js";
import { formatTime, useZone } from "../../lib/time.js";
import { Icon } from "../../components/icons.js";
import { StateBadge } from "../../components/state_badge.js";

// Which run a view shows; the newest one unless the reader chose.
export function RunPicker({ grid, runId }) {
  useZone();
  const place = grid.places.get(runId);
  const step = (by) => setQuery({ run: grid.runs[place + by].run_id });
  if (place === undefined) return html`<span class="muted">No runs yet</span>`;
  return html`<div class="run-picker">
    <button type="button" class="icon-button" aria-label="Run before" title="Run before"
      disabled=${place === 0} onClick=${() => step(-1)}><${Icon} name="left" /></button>
    <select aria-label="Run" onChange=${(event) => setQuery({ run: event.target.value })}>
      ${grid.runs.toReversed().map((run) => html`<option key=${run.run_id} value=${run.run_id}
        selected=${run.run_id === runId}>${formatTime(run.logical_date, "minute")}
        ${` · ${stateLabel(run.state)} · ${run.run_id}`}</option>`)}</select>
    <button type="button" class="icon-button" aria-label="Next run" title="Next run"
      disabled=${place === grid.runs.length - 1} onClick=${() => step(1)}>
      <${Icon} name="right" /></button>
    <${StateBadge} state=${grid.runs[place].state} /></div>`;
}

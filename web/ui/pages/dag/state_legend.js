import { html } from "../../lib/html.js";
import { stateLabel } from "../../lib/states.js";

// The states that occur, with what they look like in the grid.
export function StateLegend({ states = SHOWN }) {
  return html`<div class="state-legend" aria-label="Legend">${states.map((state) => html`
    <span key=${state}><i class="cell" data-state=${state}></i>${stateLabel(state)}</span>`)}
  </div>`;
}

const SHOWN = ["success", "running", "failed", "upstream_failed", "up_for_retry", "queued",
  "scheduled", "skipped", "deferred", "none"];

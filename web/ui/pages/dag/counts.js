// How many of some tasks are in which state.
import { html } from "../../lib/html.js";
import { worstState } from "../../lib/states.js";
import { StateBadge } from "../../components/state_badge.js";

export function countsOf(grid, taskIds, place) {
  return grid.summarize({ taskIds }, place)?.counts ?? {};
}

export function Counts({ counts }) {
  const states = Object.keys(counts).sort((a, b) => (a === b ? 0
    : worstState([a, b]) === a ? -1 : 1));
  return html`<div class="badges">${states.map((state) => html`<${StateBadge} key=${state}
    state=${state} count=${counts[state]} />`)}</div>`;
}

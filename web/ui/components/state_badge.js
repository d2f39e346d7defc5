import { classes, html } from "../lib/html.js";
import { stateColour, stateLabel, stateName } from "../lib/states.js";
import { StateIcon } from "./icons.js";

// A state with its symbol and its name; `count` and `small` as it stands in rows of badges.
export function StateBadge({ state, count, small = false, title }) {
  const name = stateName(state);
  const colour = name === "none" ? "var(--muted)" : stateColour(name);  // that of cells is too pale
  return html`<span class=${classes("badge", small && "small")} data-state=${name}
    style=${{ "--colour": colour }} title=${title ?? stateLabel(state)}>
    <${StateIcon} state=${state} size=${12} plain />
    ${small ? null : html`<span>${stateLabel(state)}</span>`}
    ${count === undefined ? null : html`<b>${count}</b>`}
  </span>`;
}

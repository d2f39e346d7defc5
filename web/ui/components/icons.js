// Line icons in a box of 16 x 16, in the colour of the text around them.
import { html } from "../lib/html.js";
import { stateColour, stateLabel, stateSymbol } from "../lib/states.js";

const ICONS = {
  search: "M7 2.5A4.5 4.5 0 1 1 6.99 2.5M10.3 10.3 13.8 13.8",
  sun: "M8 5A3 3 0 1 1 7.99 5M8 1.2V2.6M8 13.4V14.8M1.2 8H2.6M13.4 8H14.8M3.2 3.2l1 1"
    + "M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8 5.6 5.6 0 1 0 13.2 9.6Z",
  user: "M8 2.6A2.7 2.7 0 1 1 7.99 2.6M2.8 13.6C3.2 10.8 5.2 9.6 8 9.6s4.8 1.2 5.2 4",
  menu: "M2.5 4.2H13.5M2.5 8H13.5M2.5 11.8H13.5",
  close: "M4 4 12 12M12 4 4 12",
  down: "M4 6.2 8 10.2 12 6.2",
  right: "M6.2 4 10.2 8 6.2 12",
  left: "M9.8 4 5.8 8 9.8 12",
  up: "M4 9.8 8 5.8 12 9.8",
  play: "M5 3.4 12.4 8 5 12.6Z",
  pause: "M5.6 4V12M10.4 4V12",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  trash: "M3 4.4H13M6.2 4.2V2.6H9.8V4.2M4.4 4.6 5 13.4H11L11.6 4.6",
  edit: "M3 13 3.6 10.2 10.8 3 13 5.2 5.8 12.4Z",
  add: "M8 3.2V12.8M3.2 8H12.8",
  again: "M12.4 6.2A5 5 0 1 0 13 8.8M12.9 3.2V6.4H9.7",
  check: "M3.5 8.5 6.7 11.7 12.5 4.8",
  cross: "M4.2 4.2 11.8 11.8M11.8 4.2 4.2 11.8",
  note: "M3 2.8H13V10L10 13.2H3ZM5.4 5.6H10.6M5.4 8H9",
  warning: "M8 2.4 14.4 13.4H1.6ZM8 6.4V9.6M8 11.6h.01",
  info: "M8 2.2A5.8 5.8 0 1 1 7.99 2.2M8 7.4V11.2M8 5h.01",
  copy: "M5.6 5.6H13V13H5.6ZM3 10.4V3H10.4",
  log: "M3 3.4H13M3 6.4H10.6M3 9.4H13M3 12.4H8.4",
  download: "M8 2.6V10M4.6 6.8 8 10.2 11.4 6.8M3 13.2H13",
  expand: "M4 6.2 8 2.6 12 6.2M4 9.8 8 13.4 12 9.8",
  fit: "M2.8 6V2.8H6M10 2.8H13.2V6M13.2 10V13.2H10M6 13.2H2.8V10",
  key: "M5.4 7.4A2.8 2.8 0 1 1 5.39 7.4M7.4 8.2 13 2.8M10.6 5 12.6 7",
  external: "M6.4 3.4H3.2V12.8H12.6V9.6M9 3H13V7M13 3 7.4 8.6",
  clock: "M8 4.2V8.2L10.6 10M8 2.2A5.8 5.8 0 1 1 7.99 2.2",
};

export function Icon({ name, size = 16 }) {
  return html`<svg class="icon" viewBox="0 0 16 16" width=${size} height=${size}
    aria-hidden="true"><path d=${ICONS[name]} /></svg>`;
}

// Beeflow's own, which stands in index.html.
export function Logo({ size }) {
  return html`<svg width=${size} height=${size} aria-hidden="true"><use href="#logo" /></svg>`;
}

// The symbol of a state, in its colour or (plain) in that of the text.
export function StateIcon({ state, size = 14, plain = false }) {
  return html`<svg class="icon state-icon" viewBox="0 0 16 16" width=${size} height=${size}
    style=${plain ? undefined : { color: stateColour(state) }} role="img"
    aria-label=${stateLabel(state)}><path d=${stateSymbol(state)} /></svg>`;
}

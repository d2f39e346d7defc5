// The look of cells that stand for a state: its colour with its symbol in it. One style sheet, made
// from lib/states.js, so that ten thousand cells are plain elements: <i class="cell" data-state>.
import { TASK_STATES, stateColour, stateSymbol } from "./states.js";
import { theme } from "./theme.js";

const INK = { light: "#ffffff", dark: "#10151b" };

function image(state, ink) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="${
    ink}" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"><path d="${
    stateSymbol(state)}"/></svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}

function rules(name) {
  return TASK_STATES.map((state) => (state === "none"
    ? `.cell[data-state="none"] { background: none; border: 1.5px solid ${stateColour(state)} }`
    : `.cell[data-state="${state}"] { background: ${stateColour(state)} ${image(state, INK[name])}
      center / 12px no-repeat }`)).join("\n");
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(rules(theme.value));
theme.listen((name) => sheet.replaceSync(rules(name)));
document.adoptedStyleSheets.push(sheet);

// Light or dark: what the system says, unless the reader chose. Charts and canvases ask here for
// the colours that app.css gives to everything else.
import { Signal, useSignal } from "./signal.js";

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function current() {
  return document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");
}

export const theme = new Signal(current());
system.addEventListener("change", () => theme.set(current()));

export function useTheme() {
  return useSignal(theme);
}

// Chooses the other one; choosing what the system says follows the system again.
export function switchTheme() {
  const next = theme.value === "dark" ? "light" : "dark";
  if (next === (system.matches ? "dark" : "light")) {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, next);
    document.documentElement.dataset.theme = next;
  }
  theme.set(next);
}

let probe = null;
const resolved = new Map();

// The present value of a custom property that is a colour: colourOf("--ink") → "rgb(29, 35, 41)".
export function colourOf(property) {
  const key = `${theme.value} ${property}`;
  if (!resolved.has(key)) {
    if (!probe) {
      probe = document.createElement("i");
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = `var(${property})`;
    resolved.set(key, getComputedStyle(probe).color);
  }
  return resolved.get(key);
}

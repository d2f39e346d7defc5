import { html, useState } from "../lib/html.js";
import { Icon } from "./icons.js";

const OPEN_DEPTH = 2;
const SHOWN_MAX = 200;  // entries of one object or list, until more is asked for

function Scalar({ value }) {
  const kind = value === null ? "null" : typeof value;
  return html`<span class="json-${kind}">${JSON.stringify(value)}</span>`;
}

function Branch({ name, value, depth }) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const [most, setMost] = useState(SHOWN_MAX);
  const isList = Array.isArray(value);
  const entries = isOpen ? Object.entries(value).slice(0, most) : [];
  const size = isList ? value.length : Object.keys(value).length;
  return html`<div class="json-branch">
    <button type="button" class="json-fold" aria-expanded=${isOpen ? "true" : "false"}
      onClick=${() => setOpen(!isOpen)}><${Icon} name=${isOpen ? "down" : "right"} size=${12} />
      ${name === undefined ? null : html`<span class="json-name">${name}</span>`}
      <span class="muted">${isList ? `[${size}]` : `{${size}}`}</span></button>
    ${isOpen ? html`<div class="json-inside">
      ${entries.map(([key, one]) => html`<${JsonNode} key=${key} name=${key} value=${one}
        depth=${depth + 1} />`)}
      ${size > most ? html`<button type="button" class="link"
        onClick=${() => setMost(most + SHOWN_MAX)}>${size - most} more</button>` : null}
    </div>` : null}
  </div>`;
}

function JsonNode({ name, value, depth }) {
  if (value !== null && typeof value === "object") {
    return html`<${Branch} name=${name} value=${value} depth=${depth} />`;
  }
  return html`<div class="json-leaf">${name === undefined ? null
    : html`<span class="json-name">${name}</span>`} <${Scalar} value=${value} /></div>`;
}

// A JSON value as a tree that folds.
export function JsonView({ value }) {
  return html`<div class="json-view"><${JsonNode} value=${value} depth=${0} /></div>`;
}

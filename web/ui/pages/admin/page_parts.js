// What the pages of administration have in common.

import { html } from "../../lib/html.js";
import { Confirm } from "../../components/dialog.js";
import { Icon } from "../../components/icons.js";
import { ErrorBox, Loading, toast } from "../../components/notes.js";
import { del, get } from "../../lib/api.js";
import { can } from "../../lib/session.js";

const PAGE = 100;  // rows of one answer of the server, which gives no more

// All rows of a list that the server hands out in pages: listAll("/pools", "pools", {signal}).
export async function listAll(target, name, options, params) {
  const rows = [];
  for (;;) {
    const answer = await get(target, { limit: PAGE, offset: rows.length, ...params }, options);
    rows.push(...answer[name]);
    if (answer[name].length === 0 || rows.length >= answer.total_entries) return rows;
  }
}

// May the reader do this with a resource? For example may("edit", "Pools").
export function may(action, resource) {
  return can(`can_${action} on ${resource}`);
}

// A button that is not there for who may not use it, and off where something else forbids it, which
// is told by `why`.
export function ActionButton({ icon, label, why = "", onClick, primary = false,
  iconOnly = false, isAllowed = true }) {
  if (!isAllowed) return null;
  return html`<button type="button" title=${why || (iconOnly ? label : undefined)}
    class=${iconOnly ? "icon-button" : `button${primary ? " primary" : ""}`}
    aria-label=${iconOnly ? label : undefined} disabled=${why !== ""} onClick=${onClick}>
    ${icon ? html`<${Icon} name=${icon} />` : null}${iconOnly ? null : label}</button>`;
}

export function RowActions({ name, resource, onEdit, onDelete, more, keep = "" }) {
  return html`<div class="row-actions">${more}
    <${ActionButton} icon="edit" label=${`Edit ${name}`} isAllowed=${may("edit", resource)}
      onClick=${onEdit} iconOnly />
    <${ActionButton} icon="trash" label=${`Delete ${name}`}
      why=${keep} isAllowed=${may("delete", resource)} onClick=${onDelete} iconOnly /></div>`;
}

export function DeleteDialog({ what, name, target, warning, onDone, onClose }) {
  const act = async () => {
    await del(target);
    toast(`${what} ${name} is deleted.`);
    onDone();
  };
  return html`<${Confirm} title=${`Delete ${what.toLowerCase()}`} confirm="Delete" danger
    onConfirm=${act} onClose=${onClose}><p>Delete <b>${name}</b>?${warning ? ` ${warning}` : ""}</p>
  </${Confirm}>`;
}

// A page's head (none without a title), and its content once that is loaded; `load` is what
// useLoad() returns.
export function ListPage({ title, intro, actions, load, children }) {
  return html`${title ? html`<div class="page-head"><h1>${title}</h1>
      <span class="spring"></span><div class="page-actions">${actions}</div></div>` : null}
    ${intro ? html`<p class="page-intro">${intro}</p>` : null}
    ${load.error ? html`<${ErrorBox} error=${load.error} onRetry=${load.reload} />` : null}
    ${load.data || load.error ? null : html`<${Loading} rows=${6} />`}
    ${load.data ? html`<div class="cards">${children}</div>` : null}`;
}

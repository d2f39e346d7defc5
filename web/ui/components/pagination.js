import { html } from "../lib/html.js";
import { Icon } from "./icons.js";

// Which part of a long list is shown; onMove(offset) shows another.
export function Pagination({ offset, limit, total, onMove, what = "rows" }) {
  if (total <= limit && offset === 0) return null;
  const last = Math.min(offset + limit, total);
  return html`<nav class="pagination" aria-label="Pages">
    <button type="button" class="icon-button" aria-label="Page before" disabled=${offset === 0}
      onClick=${() => onMove(Math.max(0, offset - limit))}><${Icon} name="left" /></button>
    <span>${total === 0 ? 0 : offset + 1}–${last} of ${total} ${what}</span>
    <button type="button" class="icon-button" aria-label="Next page" disabled=${last >= total}
      onClick=${() => onMove(offset + limit)}><${Icon} name="right" /></button>
  </nav>`;
}

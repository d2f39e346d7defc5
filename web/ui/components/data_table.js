import { classes, html, useEffect, useMemo, useState } from "../lib/html.js";
import { EmptyNote } from "./notes.js";
import { Icon } from "./icons.js";
import { Pagination } from "./pagination.js";

function valueOf(column, row) {
  return column.value ? column.value(row) : row[column.id];
}

function textOf(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function compare(a, b) {
  const isEmptyA = a === null || a === undefined || a === "";
  const isEmptyB = b === null || b === undefined || b === "";
  if (isEmptyA || isEmptyB) return isEmptyA - isEmptyB;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return textOf(a).localeCompare(textOf(b), undefined, { numeric: true });
}

function useRows({ rows, columns, sort, text }) {
  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return rows;
    return rows.filter((row) => {
      const all = columns.map((column) => textOf(valueOf(column, row))).join("\n").toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }, [rows, columns, text]);
  return useMemo(() => {
    const column = columns.find(({ id }) => id === sort?.id);
    if (!column) return found;
    const sign = sort.descending ? -1 : 1;
    return [...found].sort((a, b) => sign * compare(valueOf(column, a), valueOf(column, b)));
  }, [found, columns, sort]);
}

// Arrow keys go from row to row, Enter opens one.
function onRowKey(event) {
  const row = event.target.closest("tr");
  const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling };
  if (event.target === row && next[event.key]) {
    next[event.key].focus();
    event.preventDefault();
  } else if (event.target === row && event.key === "Enter") {
    row.click();
  }
}

function Head({ columns, sort, onSort }) {
  return html`<thead><tr>${columns.map((column) => {
    const isSorted = sort?.id === column.id;
    const order = isSorted ? (sort.descending ? "descending" : "ascending") : "none";
    return html`<th key=${column.id} scope="col" aria-sort=${order}
      class=${classes(column.align === "right" && "right", column.className)}
      style=${{ width: column.width }}>
      ${column.sortable === false ? column.label : html`<button type="button" class="sort"
        onClick=${() => onSort({ id: column.id, descending: isSorted && !sort.descending })}>
        ${column.label}<span class="sort-mark">${isSorted
          ? html`<${Icon} name=${sort.descending ? "down" : "up"} size=${12} />` : null}</span>
        </button>`}</th>`;
  })}</tr></thead>`;
}

// Rows in a table that sorts by any column, filters by words, and pages.
// columns: {id, label, value?(row) to sort and filter by, cell?(row) to show, align?, width?,
// className?, sortable?}. key(row) tells rows apart. onOpen(row) is called for a click on a row.
// Where the server pages, pass `total`, `offset` and `onMove`: then rows are one page of it.
export function DataTable({ rows, columns, rowKey, onOpen, pageSize = 50, filter = true,
  initialSort = null, empty, tools, label, isSelected, total, offset, onMove }) {
  const [text, setText] = useState("");
  const [sort, setSort] = useState(initialSort);
  const [ownOffset, setOwnOffset] = useState(0);
  const isPagedByServer = total !== undefined;
  const found = useRows({ rows, columns, sort, text });
  useEffect(() => setOwnOffset(0), [text, sort]);
  const start = isPagedByServer ? 0 : Math.min(ownOffset, Math.max(0, found.length - 1));
  const shown = isPagedByServer ? found : found.slice(start, start + pageSize);
  const open = (row) => (event) => {
    if (!event.target.closest("a, button, input, label, select")) onOpen?.(row);
  };
  return html`<div class="data-table">
    ${filter || tools ? html`<div class="table-tools">
      ${filter ? html`<label class="filter"><${Icon} name="search" size=${14} />
        <input type="search" placeholder="Filter" aria-label=${`Filter ${label ?? "rows"}`}
          value=${text} onInput=${(event) => setText(event.target.value)} /></label>` : null}
      ${tools}</div>` : null}
    <div class="table-scroll"><table aria-label=${label}>
      <${Head} columns=${columns} sort=${sort} onSort=${setSort} />
      <tbody>${shown.map((row) => html`<tr key=${rowKey(row)} tabindex=${onOpen ? 0 : undefined}
        class=${classes(onOpen && "opens", isSelected?.(row) && "selected")}
        onClick=${open(row)} onKeyDown=${onOpen ? onRowKey : undefined}>
        ${columns.map((column) => html`<td key=${column.id} data-label=${column.label}
          class=${classes(column.align === "right" && "right", column.className)}>
          ${column.cell ? column.cell(row) : textOf(valueOf(column, row))}</td>`)}</tr>`)}
      </tbody></table></div>
    ${shown.length === 0 ? empty ?? html`<${EmptyNote} title="Nothing here" />` : null}
    <${Pagination} offset=${isPagedByServer ? offset : start} limit=${pageSize}
      total=${isPagedByServer ? total : found.length} onMove=${onMove ?? setOwnOffset} />
  </div>`;
}

// The audit log: who did what, when, from where. The server filters and pages.

import { html, useEffect, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { Dialog } from "../../components/dialog.js";
import { JsonView } from "../../components/json_view.js";
import { EmptyNote } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { get } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { page } from "../../lib/path.js";
import { setQuery } from "../../lib/router.js";
import { ListPage } from "./page_parts.js";

const PAGE = 50;
const SHORT = 90;  // characters of the details in the table
const FILTERS = [["event", "Event"], ["owner", "Who"], ["dag_id", "DAG"], ["run_id", "Run"],
  ["task_id", "Task"]];
const TIMES = [["after", "After"], ["before", "Before"]];

function parsed(extra) {
  try {
    const value = JSON.parse(extra);
    return value !== null && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

function What({ row }) {
  const { dag_id, run_id, task_id, map_index } = row;
  if (!dag_id) return html`<span class="muted">–</span>`;
  const run = run_id && page`/dags/${dag_id}/runs/${run_id}`;
  const task = run && task_id && `${run}/tasks/${encodeURIComponent(task_id)}`
    + (map_index >= 0 ? `/${map_index}` : "");
  return html`<a href=${page`/dags/${dag_id}/grid`}>${dag_id}</a>
    ${task_id ? html` · ${task ? html`<a href=${task}>${task_id}</a>` : task_id}` : null}
    ${run_id ? html`<div class="muted audit-run">${run ? html`<a href=${run}>${run_id}</a>` : null}
      </div>` : null}`;
}

function Extra({ row, open }) {
  if (!row.extra) return null;
  const isLong = row.extra.length > SHORT || parsed(row.extra);
  return isLong ? html`<button type="button" class="link audit-extra"
    onClick=${() => open(row)}>${row.extra.slice(0, SHORT)}${
      row.extra.length > SHORT ? "…" : ""}</button>`
    : html`<span>${row.extra}</span>`;
}

function columnsFor(open) {
  return [
    { id: "when", label: "When", sortable: false, className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.when} />` },
    { id: "event", label: "Event", sortable: false, className: "nowrap",
      cell: (row) => html`<code>${row.event}</code>` },
    { id: "owner", label: "Who", sortable: false, className: "nowrap" },
    { id: "what", label: "On what", sortable: false, cell: (row) => html`<${What} row=${row} />` },
    { id: "extra", label: "Details", sortable: false,
      cell: (row) => html`<${Extra} row=${row} open=${open} />` },
  ];
}

// Local time, as the browser's own field for it writes it, to what the server reads.
function toUtc(local) {
  const ms = Date.parse(local ?? "");
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function Filters({ query }) {
  const change = (name) => (event) => setQuery(
    { [name]: event.target.value || null, offset: null });
  const isFiltered = [...FILTERS, ...TIMES].some(([name]) => query[name]);
  return html`<form class="audit-filters" role="search"
    onSubmit=${(event) => event.preventDefault()}>
    ${FILTERS.map(([name, label]) => html`<label key=${name}><span>${label}</span>
      <input type="text" value=${query[name] ?? ""} onChange=${change(name)} size="11" /></label>`)}
    ${TIMES.map(([name, label]) => html`<label key=${name}><span>${label}</span>
      <input type="datetime-local" value=${query[name] ?? ""} onChange=${change(name)} /></label>`)}
    ${isFiltered ? html`<button type="button" class="button" onClick=${() => setQuery(
      Object.fromEntries([...FILTERS, ...TIMES].map(([name]) => [name, null])))}>Clear</button>`
      : null}</form>`;
}

export default function AuditPage({ query }) {
  const offset = Number(query.offset ?? 0) || 0;
  const params = { limit: PAGE, offset, order_by: "-event_log_id",
    ...Object.fromEntries(FILTERS.map(([name]) => [name, query[name]])),
    after: toUtc(query.after), before: toUtc(query.before) };
  const load = useLoad((signal) => get("/eventLogs", params, { signal }), [JSON.stringify(params)]);
  const [opened, open] = useState(null);
  useEffect(() => { document.title = "Audit log"; }, []);
  const close = () => open(null);
  const again = html`<button type="button" class="button" onClick=${load.reload}>Refresh</button>`;
  return html`<div class="page-head"><h1>Audit log</h1><span class="spring"></span>${again}</div>
    <${Filters} query=${query} />
    <${ListPage} load=${load}><${DataTable} rows=${load.data?.event_logs ?? []}
      columns=${columnsFor(open)} rowKey=${(row) => row.event_log_id} filter=${false}
      label="Audit log" pageSize=${PAGE} total=${load.data?.total_entries ?? 0} offset=${offset}
      onMove=${(next) => setQuery({ offset: next || null })}
      empty=${html`<${EmptyNote} title="No entries" />`} />
    ${opened ? html`<${Dialog} title=${opened.event} onClose=${close}>
      ${parsed(opened.extra) ? html`<${JsonView} value=${parsed(opened.extra)} />`
        : html`<pre class="variable-value">${opened.extra}</pre>`}</${Dialog}>` : null}
    </${ListPage}>`;
}

// Datasets: what writes them, what they start, and when that happened.

import { html, useEffect, useMemo } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { EmptyNote, ErrorBox } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { get } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { page } from "../../lib/path.js";
import { setQuery } from "../../lib/router.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { DatasetGraph } from "./dataset_graph.js";
import { listAll, ListPage } from "./page_parts.js";

const PAGE = 25;

function dagLinks(ones) {
  const ids = [...new Set(ones.map(({ dag_id }) => dag_id))];
  return ids.map((dag_id) => html`<a key=${dag_id} class="dag-link"
    href=${page`/dags/${dag_id}/grid`}>${dag_id}</a> `);
}

const COLUMNS = [
  { id: "uri", label: "Dataset", cell: (row) => html`<code>${row.uri}</code>` },
  { id: "producers", label: "Written by", cell: (row) => dagLinks(row.producing_tasks),
    value: (row) => row.producing_tasks.map(({ dag_id }) => dag_id).join(" ") },
  { id: "consumers", label: "Starts", cell: (row) => dagLinks(row.consuming_dags),
    value: (row) => row.consuming_dags.map(({ dag_id }) => dag_id).join(" ") },
  { id: "created_at", label: "Known since", className: "nowrap",
    cell: (row) => html`<${TimeText} time=${row.created_at} precision="minute" />` },
];

function Source({ event }) {
  const { source_dag_id, source_run_id, source_task_id, source_map_index } = event;
  if (!source_dag_id) return html`<span class="muted">from outside</span>`;
  const link = page`/dags/${source_dag_id}/runs/${source_run_id}/tasks/${source_task_id}`;
  return html`<a href=${source_map_index >= 0 ? `${link}/${source_map_index}` : link}>${
    source_dag_id}.${source_task_id}</a><div class="muted audit-run">${source_run_id}</div>`;
}

function Started({ runs }) {
  if (runs.length === 0) return html`<span class="muted">–</span>`;
  return runs.map((run) => html`<a key=${`${run.dag_id} ${run.run_id ?? run.dag_run_id}`}
    class="dag-link" title=${run.run_id ?? run.dag_run_id}
    href=${page`/dags/${run.dag_id}/runs/${run.run_id ?? run.dag_run_id}`}>${run.dag_id}</a> `);
}

const EVENT_COLUMNS = [
  { id: "timestamp", label: "When", sortable: false, className: "nowrap",
    cell: (row) => html`<${TimeText} time=${row.timestamp} precision="ms" />` },
  { id: "dataset_uri", label: "Dataset", sortable: false,
    cell: (row) => html`<code>${row.dataset_uri}</code>` },
  { id: "source", label: "Written by", sortable: false,
    cell: (row) => html`<${Source} event=${row} />` },
  { id: "started", label: "Started", sortable: false,
    cell: (row) => html`<${Started} runs=${row.created_dagruns ?? []} />` },
  { id: "extra", label: "Extra", sortable: false,
    cell: (row) => (Object.keys(row.extra ?? {}).length > 0
      ? html`<code>${JSON.stringify(row.extra)}</code>` : "") },
];

function Events({ dataset, offset }) {
  const params = { limit: PAGE, offset, order_by: "-timestamp", dataset_id: dataset?.id };
  const load = useLoad((signal) => get("/datasets/events", params, { signal }),
    [JSON.stringify(params)]);
  useSteadyChanges({ table: "dataset_event" }, load.reload);
  if (load.error) return html`<${ErrorBox} error=${load.error} onRetry=${load.reload} />`;
  return html`<${DataTable} rows=${load.data?.dataset_events ?? []} columns=${EVENT_COLUMNS}
    rowKey=${(row) => row.id} label="Dataset events" filter=${false}
    pageSize=${PAGE} total=${load.data?.total_entries ?? 0} offset=${offset}
    onMove=${(next) => setQuery({ offset: next || null })}
    empty=${html`<${EmptyNote} title="No events yet">One is recorded whenever a task that writes a
      dataset succeeds.</${EmptyNote}>`} />`;
}

export default function DatasetsPage({ query }) {
  const load = useLoad((signal) => listAll("/datasets", "datasets", { signal }), []);
  useSteadyChanges({ table: "dag" }, load.reload);
  useEffect(() => { document.title = "Datasets"; }, []);
  const datasets = useMemo(() => load.data ?? [], [load.data]);
  const chosen = datasets.find(({ uri }) => uri === query.uri) ?? null;
  const choose = (uri) => setQuery({ uri: uri === query.uri ? null : uri, offset: null });
  if (load.data?.length === 0) {
    return html`<${ListPage} title="Datasets" load=${load}><${EmptyNote} title="No datasets">A task
      with outlets writes a dataset, a DAG whose schedule is one is started by it.</${EmptyNote}>
    </${ListPage}>`;
  }
  return html`<${ListPage} title="Datasets" load=${load}>
    <${DatasetGraph} datasets=${datasets} chosen=${chosen?.uri ?? null} onChoose=${choose} />
    <div class="section-head"><h2>All datasets</h2></div>
    <${DataTable} rows=${datasets} columns=${COLUMNS} rowKey=${(row) => row.uri} label="Datasets"
      onOpen=${(row) => choose(row.uri)} isSelected=${(row) => row === chosen}
      initialSort=${{ id: "uri" }} pageSize=${20} />
    <div class="section-head"><h2>Events</h2>${chosen ? html`
      <span>of <code>${chosen.uri}</code></span><button type="button" class="button small"
        onClick=${() => choose(chosen.uri)}>Show all</button>`
      : null}</div>
    <${Events} dataset=${chosen} offset=${Number(query.offset ?? 0) || 0} />
  </${ListPage}>`;
}

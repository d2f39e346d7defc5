// Who did what with a DAG.
import { get } from "../../lib/api.js";
import { html, useState } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { page } from "../../lib/path.js";
import { DataTable } from "../../components/data_table.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";

const PAGE = 50;

function what({ dag_id, run_id, task_id }) {
  if (run_id && task_id) {
    return html`<a href=${page`/dags/${dag_id}/runs/${run_id}/tasks/${task_id}`}>${task_id}</a>
      <span class="muted"> in </span>${run_id}`;
  }
  if (run_id) return html`<a href=${page`/dags/${dag_id}/runs/${run_id}`}>${run_id}</a>`;
  return task_id ?? "";
}

const COLUMNS = [
  { id: "when", label: "When", sortable: false, className: "nowrap",
    cell: ({ when }) => html`<${TimeText} time=${when} />` },
  { id: "owner", label: "Who", sortable: false },
  { id: "event", label: "What", sortable: false, cell: ({ event }) => html`<b>${event}</b>` },
  { id: "of", label: "Of", sortable: false, cell: what },
  { id: "extra", label: "More", sortable: false, className: "mono" },
];

export default function Audit({ dagId }) {
  const [offset, setOffset] = useState(0);
  const { data, error, reload } = useLoad((signal) => get("/eventLogs", { dag_id: dagId, offset,
    limit: PAGE, order_by: "-when" }, { signal }), [dagId, offset]);
  useChanges({ dag_id: dagId, table: ["dag", "dag_run"] }, reload);
  if (error && !data) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!data) return html`<${Loading} rows=${8} />`;
  return html`<div class="dag-view"><${DataTable} rows=${data.event_logs} columns=${COLUMNS}
    rowKey=${(entry) => entry.event_log_id} filter=${false} label="Audit log" pageSize=${PAGE}
    total=${data.total_entries} offset=${offset} onMove=${setOffset}
    empty=${html`<${EmptyNote} title="Nothing yet">What people do with this DAG is written down
      here.</${EmptyNote}>`} /></div>`;
}

// What a DAG's file says of it: limits, params, documentation, and its tasks in a table.
import { html } from "../../lib/html.js";
import { Markdown } from "../../lib/markdown.js";
import { path, withQuery } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { DataTable } from "../../components/data_table.js";
import { JsonView } from "../../components/json_view.js";
import { TimeText } from "../../components/time_text.js";
import { formatDuration } from "../../lib/time.js";
import { operatorName } from "../task/task_facts.js";

function Facts({ data, dag }) {
  return html`<dl class="facts in-columns">
    <dt>Description</dt><dd>${data.description || "–"}</dd>
    <dt>File</dt><dd class="mono">${data.file}</dd>
    <dt>Version</dt><dd class="mono">${data.dag_hash}</dd>
    <dt>Imported</dt><dd><${TimeText} time=${dag?.last_parsed_time} relative /></dd>
    <dt>Owners</dt><dd>${data.owners.join(", ")}</dd>
    <dt>Tags</dt><dd>${data.tags.join(", ") || "–"}</dd>
    <dt>Schedule</dt><dd><span class="mono">${data.schedule}</span> (${data.timezone})</dd>
    <dt>From</dt><dd><${TimeText} time=${data.start_date} /></dd>
    <dt>Until</dt><dd><${TimeText} time=${data.end_date} /></dd>
    <dt>Catch up</dt><dd>${data.catchup ? "yes: runs that were missed are made" : "no"}</dd>
    <dt>Next run</dt><dd><${TimeText} time=${dag?.next_dagrun_create_after} />, of
      ${" "}<${TimeText} time=${dag?.next_dagrun} /></dd>
    <dt>Active runs</dt><dd>at most ${data.max_active_runs}</dd>
    <dt>Active tasks</dt><dd>at most ${data.max_active_tasks}</dd>
    <dt>Time limit of a run</dt><dd>${data.dagrun_timeout_seconds
      ? formatDuration(data.dagrun_timeout_seconds) : "none"}</dd></dl>`;
}

function Section({ title, children }) {
  return html`<section class="panel"><div class="panel-head"><h2>${title}</h2></div>
    <div class="panel-body">${children}</div></section>`;
}

const PARAM_COLUMNS = [
  { id: "name", label: "Name", cell: ({ name }) => html`<b>${name}</b>` },
  { id: "value", label: "Default", cell: ({ value }) => html`<${JsonView} value=${value} />` },
  { id: "description", label: "Description" },
  { id: "schema", label: "Schema", cell: ({ schema }) => html`<${JsonView} value=${schema} />` },
];

const TASK_COLUMNS = [
  { id: "task_id", label: "Task", cell: (task) => html`<b>${task.task_id}</b>` },
  { id: "operator", label: "Operator", value: (task) => operatorName(task.operator) },
  { id: "trigger_rule", label: "Trigger rule", value: (task) => task.trigger_rule
    .replaceAll("_", " ") },
  { id: "pool", label: "Pool" },
  { id: "queue", label: "Queue" },
  { id: "retries", label: "Retries", align: "right" },
  { id: "priority_weight", label: "Priority", align: "right" },
  { id: "downstream", label: "Downstream", align: "right",
    value: (task) => task.downstream.length },
];

export default function Details({ dagId, dag, structure }) {
  const { data } = structure;
  const params = Object.entries(data.params).map(([name, param]) => ({ name, ...param }));
  const open = (task) => navigate(withQuery(path`/dags/${dagId}/grid`, { task: task.task_id }));
  return html`<div class="dag-view details-view">
    <${Section} title="The DAG"><${Facts} data=${data} dag=${dag} /></${Section}>
    ${data.doc_md ? html`<${Section} title="Documentation"><${Markdown} text=${data.doc_md} />
      </${Section}>` : null}
    ${params.length > 0 ? html`<${Section} title="Params"><${DataTable} rows=${params}
      columns=${PARAM_COLUMNS} rowKey=${({ name }) => name} filter=${false} label="Params" />
      </${Section}>` : null}
    <${Section} title="Tasks"><${DataTable} rows=${data.tasks} columns=${TASK_COLUMNS}
      rowKey=${(task) => task.task_id} onOpen=${open} label="tasks" pageSize=${100} /></${Section}>
  </div>`;
}

// The tab with the task's templates, rendered.

import { html } from "../../lib/html.js";
import { CodeView } from "../../components/code_view.js";
import { JsonView } from "../../components/json_view.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { get } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { CopyButton } from "./copy_button.js";

function Value({ value }) {
  if (value === null || value === undefined) return html`<span class="muted">None</span>`;
  if (typeof value !== "string") return html`<${JsonView} value=${value} />`;
  return html`<${CodeView} source=${value} language="text" />`;
}

export function Rendered({ where, stamp }) {
  const { dag_id, run_id, task } = where;
  const target = path`/ui/dags/${dag_id}/runs/${run_id}/tasks/${task.task_id}/rendered`;
  const params = task.map_index >= 0 ? { map_index: task.map_index } : undefined;
  const { data, error, reload } = useLoad((signal) => get(target, params, { signal }),
    [target, task.map_index, stamp]);
  if (error) return html`<${ErrorBox} title="The templates could not be rendered" error=${error}
    onRetry=${reload} />`;
  if (!data) return html`<${Loading} />`;
  if (data.fields.length === 0) {
    return html`<${EmptyNote} title="No templates">This operator has no templated
      fields.</${EmptyNote}>`;
  }
  return html`<div class="rendered"><p class="muted">Rendered now, with the DAG file as it is;
    secrets are masked.</p>
    ${data.fields.map(({ name, value }) => html`<section key=${name}><header>
      <h2><code>${name}</code></h2>${typeof value === "string"
        ? html`<${CopyButton} text=${value} label=${`Copy ${name}`} />` : null}</header>
      <${Value} value=${value} /></section>`)}</div>`;
}

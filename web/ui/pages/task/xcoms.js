// The tab with what the task has pushed.

import { html } from "../../lib/html.js";
import { JsonView } from "../../components/json_view.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { get } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { CopyButton } from "./copy_button.js";

function XCom({ target, entry, params }) {
  const { data, error, reload } = useLoad(
    (signal) => get(`${target}${path`/${entry.key}`}`, { ...params, stringify: "false" },
      { signal }),
    [target, entry.key, entry.timestamp]);
  return html`<article class="xcom"><header><h2><code>${entry.key}</code></h2>
    <span class="muted"><${TimeText} time=${entry.timestamp} /></span>
    ${data ? html`<${CopyButton} text=${JSON.stringify(data.value, null, 2)}
      label=${`Copy ${entry.key}`} />` : null}</header>
    ${error ? html`<${ErrorBox} error=${error} onRetry=${reload} />` : null}
    ${data ? html`<${JsonView} value=${data.value} />` : null}</article>`;
}

// `stamp` is another value when the task may have pushed more.
export function XComs({ where, stamp }) {
  const { dag_id, run_id, task } = where;
  const target = path`/dags/${dag_id}/dagRuns/${run_id}/taskInstances/${task.task_id}/xcomEntries`;
  const params = task.map_index >= 0 ? { map_index: task.map_index } : undefined;
  const { data, error, reload } = useLoad((signal) => get(target, params, { signal }),
    [target, task.map_index, stamp]);
  if (error) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!data) return html`<${Loading} />`;
  if (data.xcom_entries.length === 0) {
    return html`<${EmptyNote} title="No XComs">What the task returns or pushes appears
      here.</${EmptyNote}>`;
  }
  return html`<div class="xcoms">${data.xcom_entries.map((entry) => html`<${XCom} key=${entry.key}
    target=${target} entry=${entry} params=${params} />`)}</div>`;
}

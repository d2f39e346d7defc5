// The dialogs that clear task instances or set their state, each with a preview of what it touches:
// the server is asked, with dry_run, whenever an option is another.

import { html, useState } from "../../lib/html.js";
import { Confirm } from "../../components/dialog.js";
import { ErrorBox, Loading, toast } from "../../components/notes.js";
import { StateBadge } from "../../components/state_badge.js";
import { patch, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { countText } from "./quantities.js";

const SHOWN_MAX = 500;

const RELATIVES = [
  ["include_downstream", "Downstream", "tasks that come after it"],
  ["include_upstream", "Upstream", "tasks that it waits for"],
  ["include_past", "Past", "the same in all earlier runs"],
  ["include_future", "Future", "the same in all later runs"],
];

function Options({ options, value, onChange }) {
  return html`<fieldset class="touch-options"><legend>Also</legend>
    ${options.map(([name, label, explanation]) => html`<label class="check" key=${name}>
      <input type="checkbox" checked=${value[name]} data-autofocus
        onChange=${(event) => onChange({ ...value, [name]: event.target.checked })} />
      <span>${label} <small class="muted">${explanation}</small></span></label>`)}</fieldset>`;
}

function byRun(instances) {
  const runs = new Map();
  for (const one of instances) {
    const run = one.dag_run_id ?? one.run_id;
    if (!runs.has(run)) runs.set(run, []);
    runs.get(run).push(one);
  }
  return [...runs];
}

function instanceName({ task_id, map_index }) {
  return map_index >= 0 ? `${task_id} [${map_index}]` : task_id;
}

// Names in their order, each with how often it occurs: of a mapped task the server may tell but it.
function namesOf(instances) {
  const counts = new Map();
  for (const one of instances) {
    counts.set(instanceName(one), (counts.get(instanceName(one)) ?? 0) + 1);
  }
  return [...counts];
}

function TouchPreview({ instances, verb }) {
  if (instances.length === 0) {
    return html`<p class="touch-none">No task instance would be ${verb}.</p>`;
  }
  const runs = byRun(instances.slice(0, SHOWN_MAX));
  return html`<div class="touch-preview" role="status">
    <p><b>${countText(instances.length, "task instance")}</b> of
      ${` ${countText(byRun(instances).length, "run")}`} will be ${verb}:</p>
    <div class="touch-list" tabindex="0" role="region" aria-label="Task instances">
      ${runs.map(([run, ones]) => html`<div key=${run}><h3>${run}</h3>
        <ul>${namesOf(ones).map(([name, count]) => html`<li key=${name}>${name}${count > 1
          ? html` <span class="muted">× ${count}</span>` : null}</li>`)}</ul>
      </div>`)}
      ${instances.length > SHOWN_MAX
        ? html`<p class="muted">… and ${instances.length - SHOWN_MAX} more</p>` : null}</div>
  </div>`;
}

// act(dryRun) asks the server, which answers with {task_instances}.
export function TouchDialog({ title, verb, confirm, danger, act, stamp, onClose, children }) {
  const { data, error, loading } = useLoad(() => act(true), [stamp]);
  const instances = data?.task_instances ?? [];
  const go = async () => {
    const done = await act(false);
    const count = done?.task_instances?.length ?? instances.length;
    toast(`${countText(count, "task instance")} ${verb}.`);
  };
  return html`<${Confirm} title=${title} confirm=${confirm} danger=${danger} onConfirm=${go}
    onClose=${onClose} disabled=${loading || Boolean(error) || instances.length === 0}>
    ${children}
    ${error ? html`<${ErrorBox} error=${error} title="This cannot be done" />` : null}
    ${!data && !error ? html`<${Loading} />` : null}
    ${data && !error ? html`<${TouchPreview} instances=${instances} verb=${verb} />` : null}
  </${Confirm}>`;
}

const NONE = { include_downstream: false, include_upstream: false, include_past: false,
  include_future: false };

// `where`: {dag_id, run_id, task}: a task instance, one of a mapped task, or all of them.
export function ClearDialog({ where, onClose }) {
  const { dag_id, run_id, task } = where;
  const isMapped = task.map_index >= 0;
  const [options, setOptions] = useState({ ...NONE, include_downstream: true, only_failed: false,
    all_instances: false });
  const act = (dry_run) => {
    const { all_instances, ...reach } = options;
    if (isMapped && !all_instances) {
      return post(path`/ui/dags/${dag_id}/runs/${run_id}/tasks/${task.task_id}`
        + path`/${task.map_index}/clear`, { dry_run, ...reach });
    }
    return post(path`/dags/${dag_id}/clearTaskInstances`, { dry_run, task_ids: [task.task_id],
      dag_run_id: run_id, reset_dag_runs: true, only_running: false, ...reach });
  };
  const more = [...(isMapped ? [["all_instances", "All instances", "of this mapped task"]] : []),
    ...RELATIVES, ["only_failed", "Only failed", "of all of these"]];
  return html`<${TouchDialog} title=${`Clear ${instanceName(task)}`} verb="cleared" confirm="Clear"
    act=${act} stamp=${JSON.stringify(options)} onClose=${onClose}>
    <p>What is cleared runs again; its log and its earlier tries are kept.</p>
    <${Options} options=${more} value=${options} onChange=${setOptions} />
  </${TouchDialog}>`;
}

export function MarkDialog({ where, state, onClose }) {
  const { dag_id, run_id, task } = where;
  const [options, setOptions] = useState(NONE);
  const isMapped = task.map_index >= 0;
  const target = path`/dags/${dag_id}/dagRuns/${run_id}/taskInstances/${task.task_id}`
    + (isMapped ? `/${task.map_index}` : "");
  const act = async (dry_run) => {
    if (!isMapped) {
      return post(path`/dags/${dag_id}/updateTaskInstancesState`, { dry_run, new_state: state,
        task_id: task.task_id, dag_run_id: run_id, ...options });
    }
    return { task_instances: [await patch(target, { dry_run, new_state: state })] };
  };
  return html`<${TouchDialog} title=${`Mark ${instanceName(task)} as ${state}`}
    verb=${`marked as ${state}`} confirm=${`Mark as ${state}`} danger=${state === "failed"}
    act=${act} stamp=${JSON.stringify(options)} onClose=${onClose}>
    <p>The task instance becomes <${StateBadge} state=${state} /> without running. If it runs, it
      is stopped.</p>
    ${isMapped ? null
      : html`<${Options} options=${RELATIVES} value=${options} onChange=${setOptions} />`}
  </${TouchDialog}>`;
}

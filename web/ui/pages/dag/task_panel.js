// A task: as its file defines it, or, with a run, its instance there.
import { get } from "../../lib/api.js";
import { html, useState } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { Markdown } from "../../lib/markdown.js";
import { page, path } from "../../lib/path.js";
import { setQuery } from "../../lib/router.js";
import { Icon } from "../../components/icons.js";
import { Menu } from "../../components/menu.js";
import { ErrorBox, Loading } from "../../components/notes.js";
import { StateBadge } from "../../components/state_badge.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { StartType, exitText, operatorName } from "../task/task_facts.js";
import { NoteDialog } from "../task/note_dialog.js";
import { ClearDialog, MarkDialog } from "../task/touch_dialog.js";
import { attemptOf, mayEdit } from "../task/tries.js";
import { median } from "./dag_panel.js";
import { Counts } from "./counts.js";

const INSTANCES_MAX = 100;

function TaskLinks({ ids }) {
  if (ids.length === 0) return html`<span class="muted">none</span>`;
  return ids.map((id) => html`<button key=${id} type="button" class="link task-link"
    onClick=${() => setQuery({ task: id })}>${id}</button>`);
}

function upstreamOf(structure, taskId) {
  return [...structure.tasks.values()].filter(({ task }) => task.downstream.includes(taskId))
    .map(({ id }) => id);
}

function Definition({ structure, grid, node }) {
  const { task } = node;
  const seconds = grid.runs.map((_, place) => grid.cell(node.id, place))
    .filter((cell) => cell?.state === "success" && cell.duration !== null)
    .map((cell) => cell.duration / 1000);
  return html`<h3>Definition</h3><dl class="facts">
    <dt>Operator</dt><dd>${operatorName(task.operator)}${task.is_mapped ? " (mapped)" : ""}</dd>
    <dt>Trigger rule</dt><dd>${task.trigger_rule.replaceAll("_", " ")}</dd>
    <dt>Upstream</dt><dd><${TaskLinks} ids=${upstreamOf(structure, node.id)} /></dd>
    <dt>Downstream</dt><dd><${TaskLinks} ids=${task.downstream} /></dd>
    <dt>Retries</dt><dd>${task.retries}</dd>
    <dt>Pool</dt><dd>${task.pool}${task.pool_slots > 1 ? ` (${task.pool_slots} slots)` : ""}</dd>
    <dt>Queue</dt><dd>${task.queue}</dd>
    <dt>Owner</dt><dd>${task.owner}</dd>
    ${task.outlets.length > 0 ? html`<dt>Outlets</dt><dd>${task.outlets.join(", ")}</dd>` : null}
    <dt>Median duration</dt><dd><${DurationText} seconds=${median(seconds)} /></dd>
  </dl>${task.doc_md ? html`<h3>Notes of its author</h3><${Markdown} text=${task.doc_md} />`
    : null}`;
}

function InstanceActions({ dagId, run, instance, open }) {
  const mark = (state) => ({ label: `Mark as ${state} …`, danger: state === "failed",
    onClick: () => open(state) });
  const target = page`/dags/${dagId}/runs/${run.run_id}/tasks/${instance.task_id}`;
  return html`<div class="side-actions">
    <a class="button primary" href=${instance.map_index >= 0 ? `${target}/${instance.map_index}`
      : target}><${Icon} name="log" size=${14} />Log</a>
    ${mayEdit(dagId) ? html`<button type="button" class="button" onClick=${() => open("clear")}>
        <${Icon} name="again" size=${14} />Clear …</button>
      <${Menu} label="More actions" className="button" items=${[mark("success"), mark("failed"),
        mark("skipped"), null, { label: "Note …", onClick: () => open("note") }]}>
        <${Icon} name="more" size=${14} /></${Menu}>` : null}</div>`;
}

function InstanceFacts({ instance }) {
  const attempt = attemptOf(instance, instance.try_number);
  const reason = exitText(attempt);
  return html`<dl class="facts">
    <dt>State</dt><dd><${StateBadge} state=${instance.state} /></dd>
    <dt>Try</dt><dd>${instance.try_number} of ${instance.max_tries + 1}</dd>
    <dt>Queued</dt><dd><${TimeText} time=${instance.queued_at} /></dd>
    <dt>Started</dt><dd><${TimeText} time=${instance.start_date} /></dd>
    <dt>Ended</dt><dd><${TimeText} time=${instance.end_date} /></dd>
    <dt>Duration</dt><dd><${DurationText} start=${instance.start_date}
      end=${instance.end_date} /></dd>
    ${attempt?.start_type ? html`<dt>Start</dt><dd><${StartType} type=${attempt.start_type} /></dd>`
      : null}
    ${attempt?.queue_seconds !== null && attempt?.queue_seconds !== undefined
      ? html`<dt>Waited</dt><dd><${DurationText} seconds=${attempt.queue_seconds} /></dd>` : null}
    ${reason ? html`<dt>Why it ended</dt><dd>${reason}</dd>` : null}</dl>`;
}

function MappedList({ dagId, run, instances }) {
  const counts = {};
  for (const { state } of instances) counts[state ?? "none"] = (counts[state ?? "none"] ?? 0) + 1;
  const target = page`/dags/${dagId}/runs/${run.run_id}/tasks/${instances[0].task_id}`;
  return html`<${Counts} counts=${counts} />
    <ul class="task-list">${instances.slice(0, INSTANCES_MAX).map((instance) => html`
      <li key=${instance.map_index}><${StateBadge} state=${instance.state} small />
        <a href=${`${target}/${instance.map_index}`}>${instance.rendered_map_index
          ?? instance.map_index}</a>
        <span class="spring"></span><${DurationText} start=${instance.start_date}
          end=${instance.end_date} /></li>`)}</ul>
    ${instances.length > INSTANCES_MAX ? html`<a href=${target}>All ${instances.length}
      instances</a>` : null}`;
}

function Dialogs({ dagId, run, instance, opened, close, reload }) {
  if (!opened) return null;
  const where = { dag_id: dagId, run_id: run.run_id, task: instance };
  if (opened === "clear") return html`<${ClearDialog} where=${where} onClose=${close} />`;
  if (opened === "note") {
    return html`<${NoteDialog} note=${instance.note} onClose=${close} onSaved=${reload} target=${
      path`/dags/${dagId}/dagRuns/${run.run_id}/taskInstances/${instance.task_id}`} />`;
  }
  return html`<${MarkDialog} where=${where} state=${opened} onClose=${close} />`;
}

function Instance({ dagId, run, node }) {
  const [opened, setOpened] = useState(null);
  const { data, error, reload } = useLoad(async (signal) => (await get(
    path`/ui/dags/${dagId}/runs/${run.run_id}/tasks`, { task_id: node.id }, { signal })).tasks,
  [dagId, run.run_id, node.id]);
  useChanges({ table: "task_instance", dag_id: dagId, run_id: run.run_id, task_id: node.id },
    reload);
  if (error) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!data) return html`<${Loading} />`;
  if (data.length === 0) {
    return html`<p class="muted">The task has no instance in this run.</p>`;
  }
  const isMapped = data[0].map_index >= 0;
  // A mapped task is cleared and marked as a whole here, its instances on their pages.
  const instance = isMapped ? { ...data[0], map_index: -1 } : data[0];
  return html`<${InstanceActions} dagId=${dagId} run=${run} instance=${instance}
      open=${setOpened} />
    ${instance.note ? html`<p class="note">${instance.note}</p>` : null}
    ${isMapped ? html`<${MappedList} dagId=${dagId} run=${run} instances=${data} />`
      : html`<${InstanceFacts} instance=${instance} />`}
    <${Dialogs} dagId=${dagId} run=${run} instance=${instance} opened=${opened}
      close=${() => setOpened(null)} reload=${reload} />`;
}

export function TaskPanel({ dagId, structure, grid, run, node }) {
  return html`
    ${run ? html`<p class="of-run">in <button type="button" class="link"
      onClick=${() => setQuery({ task: null })}>${run.run_id}</button></p>
      <${Instance} dagId=${dagId} run=${run} node=${node} />` : null}
    <${Definition} structure=${structure} grid=${grid} node=${node} />`;
}

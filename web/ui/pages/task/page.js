// The page of a task instance; of a mapped task without a map index the list of its instances.

import { html, useEffect, useState } from "../../lib/html.js";
import { Icon } from "../../components/icons.js";
import { Menu } from "../../components/menu.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { StateBadge } from "../../components/state_badge.js";
import { Tabs } from "../../components/tabs.js";
import { get } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { page, path, withQuery } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { worstState } from "../../lib/states.js";
import { Attempts } from "./attempts.js";
import { MappedInstances } from "./mapped_instances.js";
import { NoteDialog } from "./note_dialog.js";
import { usePageKeys } from "./page_keys.js";
import { Rendered } from "./rendered.js";
import { useSteadyChanges } from "./steady_changes.js";
import { TaskFacts } from "./task_facts.js";
import { TaskLog } from "./task_log.js";
import { ClearDialog, MarkDialog } from "./touch_dialog.js";
import { isMapped, mayEdit, triesOf } from "./tries.js";
import { XComs } from "./xcoms.js";

const TABS = [["log", "Log"], ["xcoms", "XComs"], ["rendered", "Rendered templates"],
  ["attempts", "Attempts"]];

function Crumbs({ dag_id, run_id, task_id, hasIndex }) {
  return html`<nav class="crumbs" aria-label="Where this is">
    <a href=${page`/dags/${dag_id}/grid`}>${dag_id}</a><${Icon} name="right" size=${12} />
    <a href=${page`/dags/${dag_id}/runs/${run_id}`}>${run_id}</a>
    ${hasIndex ? html`<${Icon} name="right" size=${12} />
      <a href=${page`/dags/${dag_id}/runs/${run_id}/tasks/${task_id}`}>${task_id}</a>` : null}
  </nav>`;
}

function Actions({ where, open }) {
  if (!mayEdit(where.dag_id)) return null;
  const marks = ["success", "failed", "skipped"].map((state) => (
    { label: `Mark as ${state}…`, danger: state === "failed", onClick: () => open(state) }));
  return html`<div class="page-actions">
    <button type="button" class="button" title="Clear (c)" onClick=${() => open("clear")}>
      <${Icon} name="again" /> Clear…</button>
    <${Menu} className="button" label="Mark as" items=${marks}>Mark as
      <${Icon} name="down" size=${12} /></${Menu}>
    <button type="button" class="button" onClick=${() => open("note")}>
      <${Icon} name="note" /> Note</button>
  </div>`;
}

// c clears; l, x, r and a open the tabs.
function keysFor({ base, open, mayEdit }) {
  const go = (tab) => () => navigate(withQuery(base, { tab }));
  return { c: mayEdit ? () => open("clear") : undefined, l: go("log"), x: go("xcoms"),
    r: go("rendered"), a: go("attempts") };
}

function TabContent({ tab, where, query, tryNumber }) {
  const { task } = where;
  const stamp = `${task.state} ${task.try_number}`;
  if (tab === "xcoms") return html`<${XComs} where=${where} stamp=${stamp} />`;
  if (tab === "rendered") return html`<${Rendered} where=${where} stamp=${task.try_number} />`;
  if (tab === "attempts") return html`<${Attempts} task=${task} />`;
  return html`<${TaskLog} where=${where} tryNumber=${tryNumber}
    other=${query.compare ? Number(query.compare) : null} />`;
}

function Dialogs({ where, opened, onClose, reload }) {
  const { dag_id, run_id, task } = where;
  if (!opened) return null;
  if (opened === "clear") return html`<${ClearDialog} where=${where} onClose=${onClose} />`;
  if (opened !== "note") {
    return html`<${MarkDialog} where=${where} state=${opened} onClose=${onClose} />`;
  }
  const target = path`/dags/${dag_id}/dagRuns/${run_id}/taskInstances/${task.task_id}`
    + (task.map_index >= 0 ? `/${task.map_index}` : "");
  return html`<${NoteDialog} target=${target} note=${task.note} onSaved=${reload}
    onClose=${onClose} />`;
}

function chosenTry(task, query) {
  const wanted = Number(query.try);
  return triesOf(task).includes(wanted) ? wanted : triesOf(task).at(-1) ?? 0;
}

function Instance({ where, query, reload, hasIndex }) {
  const { dag_id, run_id, task } = where;
  const [opened, open] = useState(null);
  const index = hasIndex ? `/${task.map_index}` : "";
  const base = `${path`/dags/${dag_id}/runs/${run_id}/tasks/${task.task_id}`}${index}`;
  usePageKeys(keysFor({ base, open, mayEdit: mayEdit(dag_id) }));
  const tab = TABS.some(([id]) => id === query.tab) ? query.tab : "log";
  const tabs = TABS.map(([id, label]) => ({ id, label,
    href: `#${withQuery(base, { ...query, tab: id === "log" ? null : id })}`,
    count: id === "attempts" ? task.attempts.length : undefined }));
  const tryNumber = chosenTry(task, query);
  return html`<div class="page-head task-head">
      <h1>${task.task_id}${hasIndex ? html` <span class="muted">[${task.map_index}]</span>` : null}
      </h1>
      <${StateBadge} state=${task.state} />
      ${tryNumber > 0 ? html`<span class="muted">try ${tryNumber} of ${task.max_tries + 1}</span>`
        : null}
      <span class="spring"></span><${Actions} where=${where} open=${open} /></div>
    ${task.note ? html`<p class="note"><${Icon} name="note" /> <span>${task.note}</span></p>`
      : null}
    <section class="panel task-facts"><${TaskFacts} task=${task} tryNumber=${tryNumber} /></section>
    <${Tabs} tabs=${tabs} current=${tab} label="Views of the task instance" />
    <div class="tab-body cards" role="tabpanel" aria-label=${tab}>
      <${TabContent} tab=${tab} where=${where} query=${query} tryNumber=${tryNumber} /></div>
    <${Dialogs} where=${where} opened=${opened} reload=${reload} onClose=${() => open(null)} />`;
}

function Mapped({ dag_id, run_id, tasks }) {
  return html`<div class="page-head"><h1>${tasks[0].task_id}</h1>
      <${StateBadge} state=${worstState(tasks.map((task) => task.state))} />
      <span class="muted">mapped task</span></div>
    <div class="cards"><${MappedInstances} dag_id=${dag_id} run_id=${run_id} tasks=${tasks} />
    </div>`;
}

function content({ dag_id, run_id, task_id, map_index }, tasks, query, reload) {
  if (tasks.length === 0) {
    return html`<${EmptyNote} title=${`The run has no task instance of ${task_id}`}>
      It may not have been created yet.</${EmptyNote}>`;
  }
  if (map_index === undefined && isMapped(tasks)) {
    return html`<${Mapped} dag_id=${dag_id} run_id=${run_id} tasks=${tasks} />`;
  }
  const task = tasks.find((one) => one.map_index === Number(map_index ?? -1));
  if (!task) {
    return html`<${EmptyNote} title=${`${task_id} has no instance ${map_index}`} />`;
  }
  return html`<${Instance} key=${task.map_index} where=${{ dag_id, run_id, task }} query=${query}
    reload=${reload} hasIndex=${map_index !== undefined} />`;
}

export default function TaskPage({ fields, query }) {
  const { dag_id, run_id, task_id, map_index } = fields;
  const { data, error, reload } = useLoad((signal) => get(
    path`/ui/dags/${dag_id}/runs/${run_id}/tasks`, { task_id }, { signal }),
  [dag_id, run_id, task_id]);
  useSteadyChanges({ table: "task_instance", dag_id, run_id, task_id }, reload);
  useEffect(() => { document.title = `${task_id} – ${dag_id}`; }, [task_id, dag_id]);
  return html`<${Crumbs} ...${fields} hasIndex=${map_index !== undefined} />
    ${error ? html`<${ErrorBox} error=${error} onRetry=${reload} />` : null}
    ${!data && !error ? html`<${Loading} rows=${8} />` : null}
    ${data ? content(fields, data.tasks, query, reload) : null}`;
}

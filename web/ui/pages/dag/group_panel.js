// A group of tasks, in one run or in all that are shown.
import { html } from "../../lib/html.js";
import { setQuery } from "../../lib/router.js";
import { StateIcon } from "../../components/icons.js";
import { Counts } from "./counts.js";

const SHOWN_MAX = 200;

export function GroupPanel({ grid, run, node }) {
  const place = run ? grid.places.get(run.run_id) : null;
  const cell = run ? grid.groupCell(node, place) : null;
  return html`
    ${node.group.tooltip ? html`<p>${node.group.tooltip}</p>` : null}
    ${cell ? html`<${Counts} counts=${cell.counts} />` : null}
    <h3>${node.taskIds.length} tasks</h3>
    <ul class="task-list">${node.taskIds.slice(0, SHOWN_MAX).map((taskId) => html`<li key=${taskId}>
      ${run ? html`<${StateIcon} state=${grid.state(taskId, place)} />` : null}
      <button type="button" class="link" onClick=${() => setQuery({ task: taskId })}>
        ${taskId}</button></li>`)}</ul>
    ${node.taskIds.length > SHOWN_MAX
      ? html`<p class="muted">… and ${node.taskIds.length - SHOWN_MAX} more</p>` : null}`;
}

// Beside the grid and the graph: what is selected, and what can be done with it.
import { html } from "../../lib/html.js";
import { Icon } from "../../components/icons.js";
import { lazy } from "../../components/lazy.js";
import { DagPanel } from "./dag_panel.js";

const GroupPanel = lazy(() => import("./group_panel.js"), "GroupPanel");
const RunPanel = lazy(() => import("./run_panel.js"), "RunPanel");
const TaskPanel = lazy(() => import("./task_panel.js"), "TaskPanel");

function contentOf({ structure, grid, selected }) {
  const run = selected.run ? grid.run(selected.run) : null;
  const node = selected.task ? structure.node(selected.task) : null;
  if (node?.kind === "group") return { View: GroupPanel, kind: "Group", title: node.id, run, node };
  if (node) return { View: TaskPanel, kind: "Task", title: node.id, run, node };
  if (run) return { View: RunPanel, kind: "Run", title: run.run_id, run, node };
  return { View: DagPanel, kind: "DAG", title: structure.data.dag_id, run, node };
}

// onClose: null where the reader has chosen nothing, and a view shows what it likes.
export function SidePanel({ onClose, ...rest }) {
  const { View, kind, title, run, node } = contentOf(rest);
  const isChosen = Boolean(onClose && (run || node));
  return html`<aside class=${isChosen ? "panel side-panel chosen" : "panel side-panel"}
      aria-label="What is selected">
    <header class="side-head"><span class="kind">${kind}</span>
      <h2 title=${title}>${title}</h2>
      ${isChosen ? html`<button type="button" class="icon-button" aria-label="Let go"
        title="Let go (Esc)" onClick=${onClose}><${Icon} name="close" /></button>` : null}
    </header>
    <div class="side-body"><${View} key=${`${run?.run_id} ${node?.id}`} ...${rest} run=${run}
      node=${node} /></div></aside>`;
}

// One row of the grid: a task or a group, and its cells.
import { classes, h, html, memo } from "../../lib/html.js";
import { stateLabel } from "../../lib/states.js";
import { Icon } from "../../components/index.js";

export const ROW_HEIGHT = 24;
export const CELL = 20;
const INDENT = 14;

function cellOf(grid, node, place) {
  if (node.kind === "group") return grid.groupCell(node, place);
  const state = grid.state(node.id, place);
  return state === null ? null : { state };
}

function Cells({ grid, node }) {
  return grid.runs.map((run, place) => {
    const cell = cellOf(grid, node, place);
    return h("i", { key: run.run_id, "data-run": place, role: "gridcell",
      class: node.kind === "group" ? "cell group" : "cell",
      "data-state": cell ? cell.state : undefined,
      "aria-label": cell ? stateLabel(cell.state) : undefined });
  });
}

function Name({ node, isOpen, toggle }) {
  const isGroup = node.kind === "group";
  const isMapped = (node.task ?? node.group).is_mapped;
  return html`<span class="grid-name" role="rowheader" title=${node.id}
    style=${{ paddingLeft: `${8 + node.depth * INDENT}px` }}>
    ${isGroup ? html`<button type="button" class="grid-toggle" tabindex="-1"
      aria-expanded=${isOpen ? "true" : "false"} aria-label=${isOpen ? "Fold" : "Unfold"}
      onClick=${() => toggle(node.id)}>
      <${Icon} name=${isOpen ? "down" : "right"} size=${12} /></button>`
      : html`<span class="grid-no-toggle"></span>`}
    <span class="grid-label">${node.label}</span>
    ${isMapped ? html`<span class="grid-mark" title="Mapped">[ ]</span>` : null}
    ${isGroup ? html`<span class="grid-mark">${node.taskIds.length}</span>` : null}
    ${node.task?.is_setup ? html`<span class="grid-mark" title="Setup">↗</span>` : null}
    ${node.task?.is_teardown ? html`<span class="grid-mark" title="Teardown">↘</span>` : null}
  </span>`;
}

// Drawn again when its version, that of the runs, or its place changes.
export const GridRow = memo(({ node, grid, top, isOpen, toggle, isSelected, place }) => html`
  <div class=${classes("grid-row", isSelected && "selected", node.kind)} role="row"
    aria-rowindex=${place + 2} aria-level=${node.depth + 1} data-node=${node.id}
    style=${{ top: `${top}px` }}>
    <${Name} node=${node} isOpen=${isOpen} toggle=${toggle} />
    ${Cells({ grid, node })}</div>`);

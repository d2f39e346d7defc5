// One row of the grid: a task or a group, and its cells.
import { classes, h, html, memo } from "../../lib/html.js";
import { stateLabel } from "../../lib/states.js";
import { Icon } from "../../components/icons.js";
import { cellTitle } from "./cell_titles.js";

export const SELECTED_ID = "grid-selected";  // of the cell, the name or the run that is selected
export const ROW_HEIGHT = 24;
export const CELL = 20;
const INDENT = 14;

function cellOf(grid, node, place) {
  if (node.kind === "group") return grid.groupCell(node, place);
  const state = grid.state(node.id, place);
  return state === null ? null : { state };
}

function Cells({ grid, node, selectedPlace }) {
  return grid.runs.map((run, place) => {
    const cell = cellOf(grid, node, place);
    const isSelected = place === selectedPlace;
    return h("i", { key: run.run_id, "data-run": place, role: "gridcell",
      class: node.kind === "group" ? "cell group" : "cell",
      "data-state": cell ? cell.state : undefined,
      id: isSelected ? SELECTED_ID : undefined,
      "aria-selected": isSelected ? "true" : undefined,
      "aria-label": isSelected ? cellTitle(grid, node, place).replaceAll("\n", ", ")
        : cell ? stateLabel(cell.state) : undefined });
  });
}

function Name({ node, isOpen, toggle, isSelected }) {
  const isGroup = node.kind === "group";
  const isMapped = (node.task ?? node.group).is_mapped;
  return html`<span class="grid-name" role="rowheader" title=${node.id}
    id=${isSelected ? SELECTED_ID : undefined}
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

// Drawn again when its version, that of the runs, or its place changes. selectedPlace: that of the
// selected run where the row is selected.
export const GridRow = memo(({ node, grid, top, isOpen, toggle, isSelected, selectedPlace, place,
}) => html`
  <div class=${classes("grid-row", isSelected && "selected", node.kind)} role="row"
    aria-rowindex=${place + 2} aria-level=${node.depth + 1} data-node=${node.id}
    aria-expanded=${node.kind === "group" ? String(isOpen) : undefined}
    style=${{ top: `${top}px` }}>
    <${Name} node=${node} isOpen=${isOpen} toggle=${toggle}
      isSelected=${isSelected && selectedPlace === undefined} />
    ${Cells({ grid, node, selectedPlace })}</div>`);

// What a cell of the grid says when the pointer rests on it; made only then.
import { useCallback } from "../../lib/html.js";
import { stateLabel } from "../../lib/states.js";
import { formatDuration, formatTime } from "../../lib/time.js";

function countsText(counts) {
  return Object.entries(counts).map(([state, count]) => `${count} ${stateLabel(state)}`).join(", ");
}

export function cellTitle(grid, node, place) {
  const run = grid.runs[place];
  const cell = node.kind === "group" ? grid.groupCell(node, place) : grid.cell(node.id, place);
  const head = `${node.id}\n${run.run_id}`;
  if (!cell) return `${head}\nno instance`;
  const lines = [head, stateLabel(cell.state)];
  if (cell.counts) lines.push(countsText(cell.counts));
  if (cell.start) lines.push(`started ${formatTime(cell.start)}`);
  if (cell.duration !== null && cell.duration !== undefined) {
    lines.push(formatDuration(cell.duration / 1000));
  }
  if (cell.tries > 1) lines.push(`try ${cell.tries}`);
  return lines.join("\n");
}

export function useCellTitles(grid, structure) {
  return useCallback((event) => {
    const cell = event.target.closest("i.cell");
    const nodeId = cell?.closest("[data-node]")?.dataset.node;
    if (!nodeId) return;
    cell.title = cellTitle(grid, structure.node(nodeId), Number(cell.dataset.run));
  }, [grid, structure]);
}

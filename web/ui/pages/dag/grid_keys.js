// The grid by keyboard: arrows move the selection, Space folds a group, Enter opens a task's page,
// Escape lets go.
function clamp(value, most) {
  return Math.max(0, Math.min(most, value));
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -Infinity], End: [0, Infinity] };

function moved({ rows, grid, selected, select }, [down, right]) {
  const at = rows.findIndex((node) => node.id === selected.task);
  const row = at < 0 ? (down > 0 ? 0 : at) : at + down;
  const column = grid.places.get(selected.run) ?? grid.runs.length - (right ? 0 : 1);
  const run = grid.runs[clamp(column + right, grid.runs.length - 1)]?.run_id;
  // Above the first row are the runs themselves.
  select(run, row < 0 ? null : rows[clamp(row, rows.length - 1)]?.id);
}

export function useGridKeys(context) {
  const { structure, selected, toggle, select, openTask } = context;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isGroup = structure.groups.has(selected.task);
    if (STEPS[event.key]) {
      moved(context, STEPS[event.key]);
    } else if (event.key === " " && isGroup) {
      toggle(selected.task);
    } else if (event.key === "Enter" && selected.task) {
      if (isGroup) toggle(selected.task);
      else openTask(selected.run, selected.task);
    } else if (event.key === "Escape") {
      select(null, null);
    } else {
      return;
    }
    event.preventDefault();
  };
}

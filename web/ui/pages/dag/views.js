// The views of a DAG: what each is called, and the module that shows it.
export const VIEWS = {
  grid: { label: "Grid", load: () => import("./grid.js"), needsGrid: true },
  graph: { label: "Graph", load: () => import("./graph.js"), needsGrid: true },
  gantt: { label: "Gantt", load: () => import("./gantt.js"), needsGrid: true },
  durations: { label: "Durations", load: () => import("./durations.js"), needsGrid: true },
  calendar: { label: "Calendar", load: () => import("./calendar.js") },
  code: { label: "Code", load: () => import("./code.js") },
  details: { label: "Details", load: () => import("./details.js") },
  audit: { label: "Audit log", load: () => import("./audit.js") },
};

export function viewName(fields) {
  return Object.hasOwn(VIEWS, fields.tab ?? "") ? fields.tab : "grid";
}

// The instances of a mapped task.

import { html, useMemo } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { StateBadge } from "../../components/state_badge.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { page } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { stateName } from "../../lib/states.js";

function columnsFor(link, isNamed) {
  return [
    { id: "map_index", label: "Map index", align: "right",
      cell: (row) => html`<a href=${link(row)}>${row.map_index}</a>` },
    ...(isNamed ? [{ id: "rendered_map_index", label: "Name" }] : []),
    { id: "state", label: "State", cell: (row) => html`<${StateBadge} state=${row.state} />` },
    { id: "try_number", label: "Try", align: "right" },
    { id: "start_date", label: "Started", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.start_date} precision="ms" />` },
    { id: "duration", label: "Duration", className: "nowrap", align: "right",
      cell: (row) => html`<${DurationText} start=${row.start_date} end=${row.end_date} />` },
    { id: "note", label: "Note", className: "reason" },
  ];
}

export function stateCounts(tasks) {
  const counts = new Map();
  for (const task of tasks) {
    const state = stateName(task.state);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts];
}

export function MappedInstances({ dag_id, run_id, tasks }) {
  const link = (row) => page`/dags/${dag_id}/runs/${run_id}/tasks/${row.task_id}/${row.map_index}`;
  const isNamed = tasks.some((task) => task.rendered_map_index);
  const columns = useMemo(() => columnsFor(link, isNamed), [dag_id, run_id, isNamed]);
  return html`<${DataTable} rows=${tasks} columns=${columns} label="Mapped instances"
    rowKey=${(row) => row.map_index} onOpen=${(row) => navigate(link(row))}
    initialSort=${{ id: "map_index", descending: false }}
    tools=${html`<span class="state-counts">${stateCounts(tasks).map(([state, count]) => html`
      <${StateBadge} key=${state} state=${state} count=${count} />`)}</span>`} />`;
}

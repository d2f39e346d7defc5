// The tasks of one run, one row each: a pale bar while the task waited, a full one while it ran.

import { taskName } from "#report/model.js";
import { plain, plural, withUnit } from "#report/text.js";
import { axis, colourOf, faded, layout, SYMBOLS } from "#report/theme.js";

export const ROWS_MAX = 1000;  // more bars than that are slow to draw, and thinner than a pixel
const LABELLED_ROWS_MAX = 48;

// The rows in the order of their start; tasks that never started have none.
export function ganttRows(run, excluded) {
  const rows = [];
  const { tasks } = run;
  for (let i = 0; i < tasks.task.length; i += 1) {
    if (tasks.start[i] === null || excluded.tasks.has(run.tasksOf[tasks.task[i]])) continue;
    rows.push({
      name: taskName(run, i),
      start: tasks.start[i],
      duration: tasks.duration[i] ?? 0,
      wait: Math.max(0, tasks.wait[i] ?? 0),
      state: tasks.state[i],
      cold: tasks.cold[i] === 1,
    });
  }
  return rows.sort((a, b) => a.start - b.start || (a.name < b.name ? -1 : 1));
}

export function ganttEnd(run, rows) {
  return rows.reduce((end, row) => Math.max(end, row.start + row.duration), run.makespan ?? 0);
}

function rowText(row) {
  const lines = [`<b>${plain(row.name)}</b>`, `waited ${withUnit(row.wait)}`,
    `started at ${withUnit(row.start)}`, `ran ${withUnit(row.duration)}`];
  if (row.cold) lines.push("cold start");
  if (row.state !== "success") lines.push(row.state);
  return lines.join("<br>");
}

function barTrace(name, rows, base, length, colours) {
  return {
    type: "bar",
    orientation: "h",
    name,
    y: rows.map((_, i) => i),
    base: rows.map(base),
    x: rows.map(length),
    width: 0.82,
    marker: { color: colours, line: { width: 0 } },
    text: rows.map(rowText),
    textposition: "none",
    hovertemplate: "%{text}<extra></extra>",
    meta: { kind: name },
  };
}

function coldTrace(rows, theme) {
  const cold = rows.map((row, i) => ({ row, i })).filter(({ row }) => row.cold);
  return {
    type: "scatter",
    mode: "markers",
    name: "cold start",
    x: cold.map(({ row }) => row.start),
    y: cold.map(({ i }) => i),
    text: cold.map(({ row }) => rowText(row)),
    hovertemplate: "%{text}<extra></extra>",
    cliponaxis: false,
    marker: { symbol: SYMBOLS.cold, size: 8, color: theme.ink, line: { width: 1.3,
      color: theme.ink } },
    meta: { kind: "cold" },
  };
}

export function ganttHeight(rows) {
  const each = rows <= LABELLED_ROWS_MAX ? 17 : 6;
  return Math.min(Math.max(rows * each + 110, 240), 860);
}

export function ganttFigure(run, rows, theme, systems, frame) {
  const colour = colourOf(theme, systems, run.series.system);
  const shown = rows.slice(0, ROWS_MAX);
  const data = [
    barTrace("waiting", shown, (row) => row.start - row.wait, (row) => row.wait,
      faded(theme.waiting, 0.9)),
    barTrace("running", shown, (row) => row.start, (row) => row.duration,
      shown.map((row) => (row.state === "success" ? colour : theme.failed))),
  ];
  if (shown.some((row) => row.cold)) data.push(coldTrace(shown, theme));
  const labelled = shown.length <= LABELLED_ROWS_MAX;
  return {
    data,
    layout: layout(theme, {
      height: frame.height,
      barmode: "overlay",
      margin: { l: labelled ? 70 : 34, r: 40, t: 36, b: 48 },
      showlegend: true,
      xaxis: axis(theme, "seconds since the start of the run",
        { range: [-0.015 * frame.end, frame.end * 1.02] }),
      yaxis: axis(theme, labelled ? "" : plural(shown.length, "task"), {
        range: [Math.max(frame.rows, 1) - 0.4, -0.6],
        showgrid: false,
        showticklabels: labelled,
        tickvals: labelled ? shown.map((_, i) => i) : [],
        ticktext: labelled ? shown.map((row) => plain(row.name)) : [],
        tickfont: { size: 11 },
      }),
    }),
  };
}

// What the charts of durations show, as Plotly's data and layout.
import { colourOf } from "../../lib/theme.js";
import { stateLabel } from "../../lib/states.js";
import { formatDuration, formatTime, toMs } from "../../lib/time.js";
import { median } from "./dag_panel.js";

const UNITS = [["h", 3600], ["min", 60], ["s", 1], ["ms", 0.001]];
const SYMBOLS = { success: "circle", failed: "x", running: "triangle-up", queued: "square" };

// The unit in which the longest of them is a number people read.
function unitFor(seconds) {
  const longest = seconds.reduce((most, one) => Math.max(most, one), 0);
  return UNITS.find(([, length]) => longest >= 2 * length) ?? UNITS.at(-1);
}

export function unitOf(chart) {
  return chart.layout.meta.unit;
}

function axisTitle(text, unit) {
  return { title: { text: unit ? `${text} (${unit})` : text, standoff: 8 } };
}

function layoutOf(unit, text, more = {}) {
  return { meta: { unit }, yaxis: { ...axisTitle(text, unit), rangemode: "tozero" },
    showlegend: true, ...more };
}

function runPoint(run) {
  return { x: formatTime(run.logical_date), customdata: { run: run.run_id } };
}

function traceOfState(state, points, length) {
  return {
    type: "scatter",
    mode: "markers",
    name: stateLabel(state),
    x: points.map(({ run }) => runPoint(run).x),
    y: points.map(({ seconds }) => seconds / length),
    customdata: points.map(({ run }) => runPoint(run).customdata),
    text: points.map(({ run, seconds }) => `${run.run_id}<br>${formatDuration(seconds)}`),
    hovertemplate: "%{text}<extra></extra>",
    marker: { color: colourOf(`--state-${state}`), symbol: SYMBOLS[state] ?? "circle", size: 9 },
  };
}

function scatterByState(points, text) {
  const [unit, length] = unitFor(points.map(({ seconds }) => seconds));
  const states = [...new Set(points.map(({ run }) => run.state))];
  const line = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false,
    x: points.map(({ run }) => runPoint(run).x), y: points.map(({ seconds }) => seconds / length),
    line: { color: colourOf("--line-strong"), width: 1.5 } };
  return { data: [line, ...states.map((state) => traceOfState(state,
    points.filter(({ run }) => run.state === state), length))],
  layout: layoutOf(unit, text) };
}

export function runTraces(grid) {
  const points = grid.runs.filter((run) => run.start_date && run.end_date).map((run) => ({ run,
    seconds: (toMs(run.end_date) - toMs(run.start_date)) / 1000 }));
  return scatterByState(points, "duration");
}

export function landingTraces(grid) {
  const points = grid.runs.filter((run) => run.data_interval_end && run.end_date).map((run) => ({
    run, seconds: (toMs(run.end_date) - toMs(run.data_interval_end)) / 1000 }));
  return scatterByState(points.filter(({ seconds }) => seconds >= 0), "after the interval");
}

// [{id, points: [{run, seconds}]}], the longest median first.
function longestTasks(grid, taskIds, most) {
  const tasks = taskIds.map((id) => ({ id, points: grid.runs.flatMap((run, place) => {
    const cell = grid.cell(id, place);
    return cell && cell.state === "success" && cell.duration !== null
      ? [{ run, seconds: cell.duration / 1000 }] : [];
  }) })).filter(({ points }) => points.length > 0);
  for (const task of tasks) task.median = median(task.points.map(({ seconds }) => seconds));
  return tasks.sort((a, b) => b.median - a.median).slice(0, most);
}

function textsOf({ id, points }) {
  return points.map(({ run, seconds }) => `${id}<br>${run.run_id}<br>${formatDuration(seconds)}`);
}

export function boxTraces(grid, taskIds, most) {
  const tasks = longestTasks(grid, taskIds, most);
  const [unit, length] = unitFor(tasks.flatMap(({ points }) => points.map(
    ({ seconds }) => seconds)));
  return { data: tasks.toReversed().map((task) => ({
    type: "box",
    orientation: "h",
    name: task.id,
    x: task.points.map(({ seconds }) => seconds / length),
    y: task.points.map(() => task.id),
    text: textsOf(task),
    customdata: task.points.map(({ run }) => ({ run: run.run_id, task: task.id })),
    boxpoints: "all",
    jitter: 0.5,
    pointpos: 0,
    hovertemplate: "%{text}<extra></extra>",
    line: { color: colourOf("--accent"), width: 1.3 },
    fillcolor: "rgba(0,0,0,0)",
    marker: { size: 4, color: colourOf("--accent"), opacity: 0.45 },
  })),
  layout: { meta: { unit }, showlegend: false, xaxis: { ...axisTitle("duration", unit),
    rangemode: "tozero" }, yaxis: { type: "category" } } };
}

const LINE_COLOURS = ["--state-running", "--state-upstream_failed", "--state-success",
  "--state-skipped", "--state-up_for_retry", "--state-deferred", "--state-up_for_reschedule",
  "--state-scheduled"];
const DASHES = ["solid", "dash", "dot", "dashdot"];

export function taskTraces(grid, taskIds, most) {
  const tasks = longestTasks(grid, taskIds, most);
  const [unit, length] = unitFor(tasks.flatMap(({ points }) => points.map(
    ({ seconds }) => seconds)));
  return { data: tasks.map((task, place) => ({
    type: "scatter",
    mode: "lines+markers",
    name: task.id,
    x: task.points.map(({ run }) => runPoint(run).x),
    y: task.points.map(({ seconds }) => seconds / length),
    text: textsOf(task),
    customdata: task.points.map(({ run }) => ({ run: run.run_id, task: task.id })),
    hovertemplate: "%{text}<extra></extra>",
    line: { color: colourOf(LINE_COLOURS[place % LINE_COLOURS.length]), width: 1.5,
      dash: DASHES[Math.floor(place / LINE_COLOURS.length) % DASHES.length] },
    marker: { size: 5 },
  })), layout: layoutOf(unit, "duration") };
}

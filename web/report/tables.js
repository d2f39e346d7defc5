// The tables: a summary of all experiments, the overheads and the runs of the one that is shown.

import { publishedValue, viewGroup } from "#report/model.js";
import { boxOf, median } from "#report/statistics.js";
import { count, element, moment, seconds } from "#report/text.js";

const ROWS_MAX = 200;  // of the table of runs, until all are asked for

function cell(text, kind = "number") {
  return element("td", { class: kind }, text);
}

function headings(columns) {
  return element("thead", {}, element("tr", {}, ...columns.map(
    ([text, kind, title]) => element("th", { class: kind ?? "number", title: title ?? null },
      text))));
}

function systemCell(context, system, isPublished) {
  const swatch = element("span", { class: "swatch", style: `--c: ${context.colourOf(system)}` });
  const cellOf = element("td", { class: "text" }, swatch, system);
  if (isPublished) cellOf.append(" ", element("span", { class: "tag" }, "published"));
  return cellOf;
}

function medianOf(points) {
  return points.length === 0 ? null : median(points.map((point) => point.value));
}

function coldText(series) {
  if (series.attempts === 0) return "–";
  return `${count(series.cold)} / ${count(series.attempts)}`;
}

function runsText(series) {
  const extra = [];
  if (series.failed.length > 0) extra.push(`${series.failed.length} failed`);
  if (series.unfinished.length > 0) extra.push(`${series.unfinished.length} unfinished`);
  return count(series.runs.length) + (extra.length > 0 ? ` (+ ${extra.join(", ")})` : "");
}

function summaryRow(context, series) {
  const duration = boxOf(series.duration.map((point) => point.value));
  const wait = boxOf(series.wait.map((point) => point.value));
  return element("tr", {}, systemCell(context, series.system, false), cell(series.label, "text"),
    cell(runsText(series)), cell(seconds(medianOf(series.makespan)), "number strong"),
    cell(seconds(series.ideal ?? null)), cell(seconds(medianOf(series.overhead))),
    cell(seconds(duration?.median)), cell(seconds(duration?.p95)),
    cell(seconds(wait?.median)), cell(seconds(wait?.p95)), cell(coldText(series)));
}

function publishedRow(context, figure, ideal) {
  const value = (metric) => cell(seconds(publishedValue(figure, metric)));
  const row = element("tr", { class: "published", title: figure.from },
    systemCell(context, figure.system, true), cell(figure.label, "text"), cell("–"),
    value("makespan"), cell(seconds(ideal)), cell("–"), value("duration"), cell("–"),
    value("wait"), cell("–"), cell("–"));
  return row;
}

const SUMMARY = [["System", "text"], ["Size", "text"], ["Runs"], ["Makespan"],
  ["Ideal", "number", "a run without any overhead"],
  ["Overhead", "number", "over the critical path, given the durations that tasks had"],
  ["Task duration"], ["p95"], ["Task wait"], ["p95"],
  ["Cold starts", "number", "of all starts that the system told of"]];

export function summaryTable(model, excluded, context) {
  const bodies = model.groups.map((group) => {
    const view = viewGroup(model, group.index, excluded);
    const title = element("button", { type: "button", class: "link",
      onclick: () => context.choose(group.index) }, group.title);
    const rows = [element("tr", { class: "group" },
      element("th", { colspan: SUMMARY.length, class: "text" }, title))];
    for (const label of view.labels) {
      const ofLabel = view.series.filter((series) => series.label === label);
      const ideal = ofLabel[0].ideal ?? null;
      rows.push(...ofLabel.map((series) => summaryRow(context, series)),
        ...view.published.filter((figure) => figure.label === label)
          .map((figure) => publishedRow(context, figure, ideal)));
    }
    return element("tbody", {}, ...rows);
  });
  return element("table", {}, headings(SUMMARY), ...bodies);
}

const OVERHEAD = [["System", "text"], ["Size", "text"], ["Makespan"], ["Critical path"],
  ["Overhead"], ["middle half"],
  ["Normalised", "number", "overhead times longest path over parallelism"],
  ["Above ideal", "number", "makespan less that of a run without any overhead"],
  ["Longest path", "number", "in tasks"],
  ["Parallelism", "number", "the most tasks side by side"]];

function difference(a, b) {
  return a === null || b === null ? null : a - b;
}

function overheadRow(context, series) {
  const box = boxOf(series.overhead.map((point) => point.value));
  const makespan = medianOf(series.makespan);
  const { shape } = series.dags[0];
  return element("tr", {}, systemCell(context, series.system, false), cell(series.label, "text"),
    cell(seconds(makespan)), cell(seconds(medianOf(series.critical_path))),
    cell(seconds(box?.median), "number strong"),
    cell(box ? `${seconds(box.q1)} to ${seconds(box.q3)}` : "–"),
    cell(seconds(medianOf(series.normalized_overhead))),
    cell(seconds(difference(makespan, series.ideal ?? null))),
    cell(shape ? count(shape.longest_path) : "–"),
    cell(shape ? count(shape.parallelism) : "–"));
}

function publishedOverheadRow(context, figure, ideal) {
  return element("tr", { class: "published", title: figure.from },
    systemCell(context, figure.system, true), cell(figure.label, "text"),
    cell(seconds(figure.makespan)), cell("–"), cell("–"), cell("–"), cell("–"),
    cell(seconds(difference(figure.makespan, ideal))), cell("–"), cell("–"));
}

export function overheadTable(view, context) {
  const rows = view.labels.flatMap((label) => {
    const ofLabel = view.series.filter((series) => series.label === label);
    return [...ofLabel.map((series) => overheadRow(context, series)),
      ...view.published.filter((figure) => figure.label === label && figure.makespan !== null)
        .map((figure) => publishedOverheadRow(context, figure, ofLabel[0].ideal ?? null))];
  });
  return element("table", {}, headings(OVERHEAD), element("tbody", {}, ...rows));
}

const RUNS = [
  { text: "Exclude", kind: "text", of: () => 0 },
  { text: "System", kind: "text", of: (run) => run.series.system },
  { text: "Size", kind: "text", of: (run) => run.series.size },
  { text: "DAG", kind: "text", of: (run) => run.series.dags[run.dag].dag_id },
  { text: "run_id", kind: "text", of: (run) => run.run_id },
  { text: "state", kind: "text", of: (run) => run.state },
  { text: "start_date", kind: "text", of: (run) => run.start_date ?? "" },
  { text: "end_date", kind: "text", of: (run) => run.end_date ?? "" },
  { text: "duration (s)", kind: "number", of: (run) => run.makespan ?? -1 },
  { text: "cold starts", kind: "number", of: (run) => run.cold },
];

// Without its day where that is the day of the start.
function endMoment(run) {
  const [start, end] = [moment(run.start_date), moment(run.end_date)];
  return start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end;
}

function runRow(run, context) {
  const isExcluded = context.excluded.runs.has(run.run_id);
  const tick = element("input", { type: "checkbox", checked: isExcluded,
    "aria-label": `exclude ${run.run_id}`, onchange: () => context.toggleRun(run.run_id) });
  const isFine = run.state === "success";
  return element("tr", { class: isExcluded ? "excluded" : null },
    element("td", { class: "text" }, tick), systemCell(context, run.series.system, false),
    cell(run.series.label, "text"), cell(run.series.dags[run.dag].dag_id, "text"),
    cell(run.run_id, "text id"),
    element("td", { class: "text" }, element("span", { class: isFine ? "" : `state ${run.state}` },
      run.state)),
    cell(moment(run.start_date), "text"), cell(endMoment(run), "text"),
    cell(seconds(run.makespan), "number strong"),
    cell(run.attempts > 0 ? `${run.cold} / ${run.attempts}` : "–"));
}

function sortedRuns(view, order) {
  const runs = view.series.flatMap((series) => series.all);
  if (order.column < 0) return runs;
  const { of } = RUNS[order.column];
  const sign = order.descending ? -1 : 1;
  return runs.sort((a, b) => (of(a) < of(b) ? -sign : of(a) > of(b) ? sign : 0));
}

// `order` is {column, descending, all}; `changed` is called with the next one.
export function runsTable(view, order, context, changed) {
  const runs = sortedRuns(view, order);
  const shown = order.all ? runs : runs.slice(0, ROWS_MAX);
  const head = element("tr", {}, ...RUNS.map((column, i) => {
    const isSorted = i === order.column;
    const arrow = isSorted ? (order.descending ? " ↓" : " ↑") : "";
    const sort = element("button", { type: "button", class: "link", onclick: () => changed(
      { ...order, column: i, descending: isSorted && !order.descending }) }, column.text + arrow);
    return element("th", { class: column.kind }, i === 0 ? column.text : sort);
  }));
  const table = element("table", {}, element("thead", {}, head),
    element("tbody", {}, ...shown.map((run) => runRow(run, context))));
  if (shown.length === runs.length) return [table];
  return [table, element("button", { type: "button", class: "more",
    onclick: () => changed({ ...order, all: true }) }, `Show all ${count(runs.length)} runs`)];
}

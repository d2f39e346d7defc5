// Gantt charts side by side, one for each system, each with a choice of its run.

import { ganttEnd, ganttFigure, ganttHeight, ganttRows, ROWS_MAX } from "#report/gantt_chart.js";
import { boxOf } from "#report/statistics.js";
import { count, element, fillSelect, seconds } from "#report/text.js";

// The run whose makespan is nearest to the median.
function typicalRun(runs) {
  const box = boxOf(runs.map((run) => run.makespan ?? Infinity));
  const distance = (run) => Math.abs((run.makespan ?? Infinity) - box.median);
  return runs.reduce((best, run) => (distance(run) < distance(best) ? run : best), runs[0]);
}

function slowestRun(runs) {
  return runs.reduce((best, run) => ((run.makespan ?? 0) > (best.makespan ?? 0) ? run : best),
    runs[0]);
}

// One panel a system; where there is but one, its typical run beside its slowest.
export function ganttPanels(view, label, chosen) {
  const ofLabel = view.series.filter((series) => series.label === label && series.all.length > 0);
  const panels = ofLabel.map((series, i) => {
    const good = series.runs.length > 0 ? series.runs : series.all;
    return { key: `${label} ${i}`, series, run: typicalRun(good) };
  });
  if (panels.length === 1 && panels[0].series.all.length > 1) {
    const { series } = panels[0];
    const good = series.runs.length > 1 ? series.runs : series.all;
    panels.push({ key: `${label} 1`, series, run: slowestRun(good) });
  }
  for (const panel of panels) {
    panel.run = panel.series.all.find((run) => run.run_id === chosen.get(panel.key)) ?? panel.run;
  }
  return panels;
}

function runTitle(run) {
  const state = run.state === "success" ? "" : `, ${run.state}`;
  const length = run.makespan === null ? "not ended" : `${seconds(run.makespan)} s`;
  return `${run.run_id}  (${length}${state})`;
}

export function ganttFigures(view, label, chosen, excluded, theme) {
  const panels = ganttPanels(view, label, chosen)
    .map((panel) => ({ ...panel, rows: ganttRows(panel.run, excluded) }));
  const rows = Math.min(Math.max(0, ...panels.map((panel) => panel.rows.length)), ROWS_MAX);
  const frame = {
    rows,
    height: ganttHeight(rows),
    end: Math.max(1e-3, ...panels.map((panel) => ganttEnd(panel.run, panel.rows))),
  };
  return panels.map((panel) => ({ ...panel,
    figure: ganttFigure(panel.run, panel.rows, theme, view.allSystems, frame) }));
}

export function drawGantt(section, view, state, theme, draw, changed) {
  const figures = ganttFigures(view, state.label, state.chosen, state.excluded, theme);
  const places = figures.map(({ key, series, run, rows, figure }, i) => {
    const select = element("select", { "aria-label": `run of ${series.system}`,
      onchange: () => changed(key, select.value) });
    fillSelect(select, series.all.map((one) => ({ value: one.run_id, text: runTitle(one) })),
      run.run_id);
    const chart = element("div", { class: "chart", id: `gantt-${i}` });
    const panel = element("div", { class: "gantt-panel" },
      element("h4", {}, series.system), select, chart);
    if (rows.length === 0) chart.textContent = "No task of this run has started.";
    return { panel, chart, figure, isEmpty: rows.length === 0 };
  });
  section.querySelector(".gantt-panels").replaceChildren(...places.map(({ panel }) => panel));
  for (const { chart, figure, isEmpty } of places) if (!isEmpty) draw(chart, figure, "gantt");
  const cut = figures.find(({ rows }) => rows.length > ROWS_MAX);
  return cut ? `Drawn are the first ${count(ROWS_MAX)} of ${count(cut.rows.length)} tasks.` : "";
}

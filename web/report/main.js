// The report page: reads its document and draws the experiment that is chosen.

import { boxFigure, POINTS_MAX, scaleFor } from "#report/box_chart.js";
import { drawExclusions, knownIds, scaleButtons, trendKey } from "#report/controls.js";
import { exportImages } from "#report/export.js";
import { drawGantt } from "#report/gantt_panels.js";
import { readModel, viewGroup } from "#report/model.js";
import { scatterFigure } from "#report/scatter_chart.js";
import { overheadTable, runsTable, summaryTable } from "#report/tables.js";
import { count, element, fillSelect, moment, plural } from "#report/text.js";
import { colourOf, plotConfig, systemTheme, themeNamed } from "#report/theme.js";
import { trendFigure } from "#report/trend_chart.js";

const METRICS = ["makespan", "duration", "wait"];

class Page {
  constructor(model) {
    this.model = model;
    this.known = knownIds(model);
    this.group = 0;
    this.excluded = { runs: new Set(model.excluded.runs), tasks: new Set(model.excluded.tasks) };
    this.themeName = systemTheme();
    this.isThemeChosen = false;
    this.turn = 0;  // of drawing
    this.isPrinting = false;
    this.forgetChoices();
  }

  // What was chosen for one experiment says nothing of another.
  forgetChoices() {
    this.scales = {};
    this.gantt = { label: null, chosen: new Map() };
    this.scatter = { x: null, y: null };
    this.order = { column: -1, descending: false, all: false };
  }

  get theme() {
    return themeNamed(this.themeName);
  }

  context() {
    return {
      excluded: this.excluded,
      colourOf: (system) => colourOf(this.theme, this.model.systems, system),
      choose: (group) => this.choose(group, true),
      toggleRun: (id) => this.toggle(this.excluded.runs, id),
      toggleTask: (id) => this.toggle(this.excluded.tasks, id),
    };
  }

  choose(group, scrolls) {
    this.group = group;
    this.forgetChoices();
    this.draw();
    if (scrolls) document.getElementById("controls").scrollIntoView({ behavior: "smooth" });
  }

  toggle(set, id) {
    if (!set.delete(id)) set.add(id);
    this.draw();
  }

  chart(place, figure, name) {
    if (this.isPrinting) figure.layout.width = place.clientWidth;
    place.style.height = `${figure.layout.height}px`;  // it stays so while Plotly measures anew
    Plotly.react(place, figure.data, figure.layout, plotConfig(`${name}-${this.group + 1}`));
  }

  draw() {
    this.view = viewGroup(this.model, this.group, this.excluded);
    document.documentElement.dataset.theme = this.themeName;
    document.getElementById("theme").textContent = this.themeName === "dark" ? "Light" : "Dark";
    document.getElementById("group-title").textContent = this.view.group.title;
    fillSelect(document.getElementById("group"), this.model.groups.map(
      ({ index, title }) => ({ value: index, text: title })), this.group);
    drawExclusions(document.getElementById("exclude"), this.known, this.excluded,
      this.context().toggleRun, this.context().toggleTask);
    document.getElementById("summary-table").replaceChildren(
      summaryTable(this.model, this.excluded, this.context()));
    document.getElementById("overhead-table").replaceChildren(
      overheadTable(this.view, this.context()));
    this.drawRuns();
    this.drawCharts();
  }

  chartSteps() {
    return [...METRICS.map((metric) => () => this.drawBoxes(metric)), () => this.drawTrends(),
      () => this.drawGantt(), () => this.drawScatter()];
  }

  // One chart after the other, so that the page reacts in between; a later call ends an earlier.
  async drawCharts() {
    this.turn += 1;
    const { turn } = this;
    document.documentElement.dataset.drawn = "no";
    for (const step of this.chartSteps()) {
      await new Promise((resolve) => { setTimeout(resolve); });
      if (turn !== this.turn) return;
      step();
    }
    document.documentElement.dataset.drawn = "yes";
  }

  scaleOf(metric) {
    return this.scales[metric] ?? scaleFor(this.view, metric);
  }

  drawBoxes(metric) {
    const section = document.getElementById(metric);
    const scale = this.scaleOf(metric);
    const figure = boxFigure(this.view, metric, this.theme, scale);
    this.chart(section.querySelector(".chart"), figure, metric);
    section.querySelector(".scale")?.remove();
    section.prepend(scaleButtons(scale, (chosen) => {
      this.scales[metric] = chosen;
      this.drawBoxes(metric);
      this.drawTrends();
    }));
    section.querySelector(".note").textContent = this.boxNote(metric, figure, scale);
  }

  boxNote(metric, figure, scale) {
    const parts = [];
    const failed = this.view.series.reduce((sum, series) => sum + series.failed.length, 0);
    if (metric === "makespan" && failed > 0) {
      parts.push(`${plural(failed, "failed run")} ${failed === 1 ? "is" : "are"} marked × and in `
        + "no box.");
    }
    if (figure.sampled.length > 0) {
      parts.push(`Boxes count all measurements; of the largest, ${count(POINTS_MAX)} of `
        + `${count(Math.max(...figure.sampled))} points are drawn, the farthest outliers first.`);
    }
    if (scale === "log") parts.push("Logarithmic axis; what took less than 1 ms is drawn at 1 ms.");
    const nothing = this.view.series.every((series) => series[metric].length === 0);
    if (nothing) parts.push("Nothing was measured: see the notes under the first table.");
    return parts.join(" ");
  }

  drawTrends() {
    document.getElementById("trend-unit").textContent = this.view.sizeTitle;
    document.getElementById("trend-key").replaceChildren(...trendKey(this.view, this.context()));
    for (const metric of METRICS) {
      const figure = trendFigure(this.view, metric, this.theme, this.scaleOf(metric), false);
      this.chart(document.getElementById(`trend-${metric}`), figure, `trend-${metric}`);
    }
  }

  drawGantt() {
    const { labels } = this.view;
    this.gantt.label ??= labels[labels.length - 1];
    fillSelect(document.getElementById("gantt-label"),
      labels.map((label) => ({ value: label, text: label })), this.gantt.label);
    const section = document.getElementById("gantt");
    section.querySelector(".note").textContent = drawGantt(section, this.view,
      { ...this.gantt, excluded: this.excluded }, this.theme,
      (place, figure, name) => this.chart(place, figure, name), (key, run) => {
        this.gantt.chosen.set(key, run);
        this.drawGantt();
      });
  }

  drawScatter() {
    const { systems } = this.view;
    const section = document.getElementById("scatter");
    const chart = section.querySelector(".chart");
    const note = section.querySelector(".note");
    const hasTwo = systems.length > 1;
    section.querySelector(".fields").hidden = !hasTwo;
    if (!hasTwo) {
      Plotly.purge(chart);
      note.textContent = "Needs results of two systems in this experiment.";
      return;
    }
    this.scatter.x ??= systems[1];
    this.scatter.y ??= systems[0];
    for (const side of ["x", "y"]) {
      fillSelect(document.getElementById(`scatter-${side}`),
        systems.map((system) => ({ value: system, text: system })), this.scatter[side]);
    }
    const figure = scatterFigure(this.view, this.scatter.x, this.scatter.y, this.theme);
    if (figure) this.chart(chart, figure, "scatter");
    else Plotly.purge(chart);
    note.textContent = figure ? figure.text : "These two have no successful runs of one size.";
  }

  drawRuns() {
    document.getElementById("runs-table").replaceChildren(
      ...runsTable(this.view, this.order, this.context(), (order) => {
        this.order = order;
        this.drawRuns();
      }));
  }

  // Paper is light and narrow, whatever the window was.
  print(begins) {
    if (begins) this.restore = this.themeName;
    this.themeName = begins ? "light" : this.restore;
    this.isPrinting = begins;
    document.documentElement.classList.toggle("printing", begins);
    this.draw();
    this.turn += 1;
    this.chartSteps().forEach((step) => step());  // at once: the browser waits for nothing
    document.documentElement.dataset.drawn = "yes";
    if (begins) return;
    document.querySelectorAll(".js-plotly-plot").forEach((chart) => Plotly.Plots.resize(chart));
  }

  listen() {
    const on = (id, change) => document.getElementById(id).addEventListener(
      "change", (event) => change(event.target.value));
    on("group", (value) => this.choose(Number(value), false));
    on("gantt-label", (value) => {
      this.gantt.label = value;
      this.drawGantt();
    });
    for (const side of ["x", "y"]) {
      on(`scatter-${side}`, (value) => {
        this.scatter[side] = value;
        this.drawScatter();
      });
    }
    document.getElementById("theme").addEventListener("click", () => {
      this.isThemeChosen = true;
      this.themeName = this.themeName === "dark" ? "light" : "dark";
      this.draw();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      if (this.isThemeChosen) return;
      this.themeName = systemTheme();
      this.draw();
    });
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
  }
}

function describe(model) {
  const runs = model.series.reduce((sum, series) => sum + series.runs.length, 0);
  const tasks = model.series.reduce((sum, series) => sum + series.runs.reduce(
    (inner, run) => inner + run.tasks.task.length, 0), 0);
  const measured = [...new Set(model.series.map((series) => series.system))];
  document.getElementById("lede").textContent = `${plural(runs, "run")} and `
    + `${plural(tasks, "task instance")} on ${measured.join(", ")}. Made ${moment(model.created)} `
    + `UTC by Beeflow ${model.version}.`;
  document.getElementById("notes").replaceChildren(
    ...model.notes.map((note) => element("li", {}, note)));
  const sources = document.getElementById("sources");
  if (model.published_source) {
    sources.append(element("p", {}, `Published figures: ${model.published_source}`));
  }
}

const model = readModel(JSON.parse(document.getElementById("document").textContent));
const page = new Page(model);
if (location.hash === "#export") {
  await exportImages(model, page.excluded);
} else {
  describe(model);
  page.listen();
  page.draw();
}

// Box plots: one box for each size and system, every measurement a point, published medians and
// ideals beside them.

import { publishedValue, taskName } from "#report/model.js";
import { boxOf, jitter, samplePoints } from "#report/statistics.js";
import { plain, withUnit } from "#report/text.js";
import { axis, colourOf, faded, layout, secondsAxis, SYMBOLS } from "#report/theme.js";

export const POINTS_MAX = 300;  // of one box; browsers draw some thousand without delay
const SHORTEST_LOGGED = 0.001;  // seconds: what a logarithmic axis shows of nothing at all

const SIZES = {
  few: { plain: 6, cold: 8, failed: 8 },
  crowded: { plain: 3.5, cold: 5, failed: 8 },
};
const TITLES = { makespan: "DAG duration", duration: "task duration", wait: "task wait" };

// Waits of milliseconds beside waits of minutes: only a logarithmic axis shows both.
export function scaleFor(view, metric) {
  const values = view.series.flatMap((one) => {
    const box = boxOf(one[metric].map((point) => point.value));
    return box ? [box.median] : [];
  });
  for (const figure of view.published) {
    const value = publishedValue(figure, metric);
    if (value !== null && view.labels.includes(figure.label)) values.push(value);
  }
  if (values.length === 0) return "linear";
  const smallest = Math.max(Math.min(...values), SHORTEST_LOGGED);
  return Math.max(...values) / smallest > 20 ? "log" : "linear";
}

function hoverText(point) {
  const lines = [`<b>${plain(point.run.run_id)}</b>`];
  if (point.task !== undefined) lines.push(plain(taskName(point.run, point.task)));
  lines.push(withUnit(point.value));
  if (point.task !== undefined && point.cold) lines.push("cold start");
  if (point.task === undefined && point.run.attempts > 0) {
    lines.push(`${point.run.cold} of ${point.run.attempts} starts cold`);
  }
  if (point.run.state !== "success") lines.push(point.run.state);
  return lines.join("<br>");
}

class BoxChart {
  constructor(view, metric, theme, scale) {
    Object.assign(this, { view, metric, theme, scale });
    this.systems = view.allSystems.filter((system) => view.systems.includes(system)
      || this.published(system).length > 0);
    this.slot = Math.min(0.84 / Math.max(1, this.systems.length), view.labels.length / 4);
    this.sampled = [];
  }

  published(system) {
    return this.view.published.filter((figure) => figure.system === system
      && publishedValue(figure, this.metric) !== null && this.view.labels.includes(figure.label));
  }

  // Where the boxes of a system stand at a label.
  place(label, system) {
    const offset = this.systems.indexOf(system) - (this.systems.length - 1) / 2;
    return this.view.labels.indexOf(label) + offset * this.slot;
  }

  height(value) {
    return this.scale === "log" ? Math.max(value, SHORTEST_LOGGED) : value;
  }

  boxes(system, boxes) {
    const colour = colourOf(this.theme, this.view.allSystems, system);
    const of = (field) => boxes.map(({ box }) => this.height(box[field]));
    return {
      type: "box",
      name: plain(system),
      legendgroup: system,
      x: boxes.map(({ label }) => this.place(label, system) - this.slot * 0.2),
      q1: of("q1"),
      median: of("median"),
      q3: of("q3"),
      lowerfence: of("low"),
      upperfence: of("high"),
      width: this.slot * 0.38,
      line: { color: colour, width: 1.6 },
      fillcolor: faded(colour, 0.14),
      hoverinfo: "y",
      hoverlabel: { bgcolor: this.theme.paper },
    };
  }

  // The points of one system that look alike, beside its boxes; `kind` is plain, cold or failed.
  points(system, kind, points) {
    const isCrowded = points.length > 60 * this.view.labels.length;
    const colour = kind === "failed" ? this.theme.failed
      : colourOf(this.theme, this.view.allSystems, system);
    return {
      type: "scatter",
      mode: "markers",
      name: plain(`${system}, ${kind}`),
      legendgroup: system,
      showlegend: false,
      x: points.map((point) => point.x),
      y: points.map((point) => this.height(point.value)),
      text: points.map(hoverText),
      hovertemplate: `%{text}<extra>${plain(system)}</extra>`,
      marker: {
        symbol: SYMBOLS[kind],
        color: colour,
        opacity: kind === "failed" ? 1 : isCrowded ? 0.4 : 0.7,
        size: isCrowded ? SIZES.crowded[kind] : SIZES.few[kind],
        line: { width: kind === "plain" ? 0 : 1.3, color: colour },
      },
      meta: { kind },
    };
  }

  placed(label, system, points) {
    return points.map((point, i) => ({
      ...point,
      x: this.place(label, system) + (0.23 + jitter(i + 1) * 0.16) * this.slot,
    }));
  }

  publishedTrace(system) {
    const figures = this.published(system);
    const colour = colourOf(this.theme, this.view.allSystems, system);
    return {
      type: "scatter",
      mode: "markers",
      name: plain(`${system}, published`),
      legendgroup: `${system} published`,
      x: figures.map((figure) => this.place(figure.label, system) - this.slot * 0.2),
      y: figures.map((figure) => publishedValue(figure, this.metric)),
      text: figures.map((figure) => `<b>published</b>, ${plain(figure.from)}<br>median `
        + withUnit(publishedValue(figure, this.metric))),
      hovertemplate: `%{text}<extra>${plain(system)}, not measured here</extra>`,
      marker: { symbol: SYMBOLS.published, size: 12, color: colour, line: { width: 2.2 } },
      meta: { kind: "published" },
    };
  }

  idealTrace() {
    const x = [];
    const y = [];
    this.view.labels.forEach((label, i) => {
      const one = this.view.series.find((series) => series.label === label);
      const ideal = { makespan: one.ideal, duration: one.task_seconds }[this.metric] ?? null;
      if (ideal === null) return;
      x.push(i - 0.46, i + 0.46, null);
      y.push(ideal, ideal, null);
    });
    return {
      type: "scatter",
      mode: "lines",
      name: "ideal",
      x,
      y,
      line: { color: this.theme.ink, width: 1.6, dash: "dot" },
      hovertemplate: "ideal: %{y} s<extra></extra>",
      meta: { kind: "ideal" },
    };
  }

  systemTraces(system) {
    const boxes = [];
    const kinds = { plain: [], cold: [], failed: [] };
    for (const series of this.view.series.filter((one) => one.system === system)) {
      const points = series[this.metric];
      const box = boxOf(points.map((point) => point.value));
      if (box) {
        boxes.push({ label: series.label, box });
        const shown = samplePoints(points, box, POINTS_MAX);
        if (shown.length < points.length) this.sampled.push(points.length);
        for (const point of this.placed(series.label, system, shown)) {
          kinds[point.cold ? "cold" : "plain"].push(point);
        }
      }
      if (this.metric !== "makespan") continue;
      const failed = series.failed.filter((run) => run.makespan !== null)
        .map((run) => ({ value: run.makespan, run, cold: false }));
      kinds.failed.push(...this.placed(series.label, system, failed));
    }
    const traces = boxes.length > 0 ? [this.boxes(system, boxes)] : [];
    for (const [kind, points] of Object.entries(kinds)) {
      if (points.length > 0) traces.push(this.points(system, kind, points));
    }
    if (this.published(system).length > 0) traces.push(this.publishedTrace(system));
    return traces;
  }

  // What a mark means, whatever its system; drawn nowhere but in the legend.
  legendTrace(kind, name) {
    const color = kind === "failed" ? this.theme.failed : this.theme.ink;
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: [null],
      y: [null],
      hoverinfo: "skip",
      marker: { symbol: SYMBOLS[kind], color, size: 8, line: { width: 1.3, color } },
      meta: { kind: "legend" },
    };
  }

  legendTraces(data) {
    const has = (kind) => data.some((trace) => trace.meta?.kind === kind);
    const traces = [];
    if (has("cold")) traces.push(this.legendTrace("cold", "cold start"));
    if (has("failed")) traces.push(this.legendTrace("failed", "failed run"));
    return traces;
  }

  figure() {
    const { view, theme } = this;
    const data = this.systems.flatMap((system) => this.systemTraces(system));
    const ideal = this.idealTrace();
    if (ideal.x.length > 0) data.push(ideal);
    data.push(...this.legendTraces(data));
    const places = view.labels.map((_, i) => i);
    return {
      data,
      layout: layout(theme, {
        height: 440,
        boxmode: "overlay",
        xaxis: axis(theme, view.sizeTitle, {
          tickvals: places,
          ticktext: view.labels.map((label) => plain(view.tick(label))),
          range: [-0.55, view.labels.length - 0.45],
          showgrid: false,
        }),
        yaxis: secondsAxis(theme, `${TITLES[this.metric]} (s)`, this.scale,
          { rangemode: this.metric === "wait" ? "tozero" : "normal" }),
      }),
      sampled: this.sampled,
    };
  }
}

export function boxFigure(view, metric, theme, scale) {
  return new BoxChart(view, metric, theme, scale).figure();
}

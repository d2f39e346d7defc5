// Trends: the median of a metric over the size, a line for each system, with the middle half of the
// measurements as a band; published medians are dashed.

import { publishedValue } from "#report/model.js";
import { boxOf } from "#report/statistics.js";
import { plain, withUnit } from "#report/text.js";
import { axis, colourOf, faded, layout, secondsAxis, SYMBOLS } from "#report/theme.js";

const TITLES = { makespan: "DAG duration (s)", duration: "task duration (s)",
  wait: "task wait (s)" };

function measured(view, metric, system) {
  return view.series.filter((one) => one.system === system)
    .map((one) => ({ series: one, box: boxOf(one[metric].map((point) => point.value)) }))
    .filter(({ box }) => box !== null)
    .sort((a, b) => a.series.size - b.series.size);
}

function bandTrace(points, system, colour, place) {
  const there = points.map(({ series }) => place(series));
  return {
    type: "scatter",
    mode: "lines",
    x: [...there, ...[...there].reverse()],
    y: [...points.map(({ box }) => box.q1), ...points.map(({ box }) => box.q3).reverse()],
    fill: "toself",
    fillcolor: faded(colour, 0.15),
    line: { width: 0 },
    hoverinfo: "skip",
    showlegend: false,
    legendgroup: system,
    meta: { kind: "band" },
  };
}

function lineTrace(points, system, colour, place, lines) {
  return {
    type: "scatter",
    mode: lines ? "lines+markers" : "markers",
    name: plain(system),
    legendgroup: system,
    x: points.map(({ series }) => place(series)),
    y: points.map(({ box }) => box.median),
    text: points.map(({ series, box }) => `<b>${plain(series.label)}</b><br>median `
      + `${withUnit(box.median)} of ${box.count}<br>middle half ${withUnit(box.q1)} to `
      + withUnit(box.q3)),
    hovertemplate: `%{text}<extra>${plain(system)}</extra>`,
    line: { color: colour, width: 2.2 },
    marker: { color: colour, size: 7 },
    meta: { kind: "median" },
  };
}

function publishedTrace(figures, metric, system, colour, place, lines) {
  return {
    type: "scatter",
    mode: lines ? "lines+markers" : "markers",
    name: plain(`${system}, published`),
    legendgroup: `${system} published`,
    x: figures.map(place),
    y: figures.map((figure) => publishedValue(figure, metric)),
    text: figures.map((figure) => `<b>published</b>, ${plain(figure.label)}<br>median `
      + `${withUnit(publishedValue(figure, metric))}<br>${plain(figure.from)}`),
    hovertemplate: `%{text}<extra>${plain(system)}, not measured here</extra>`,
    line: { color: colour, width: 1.4, dash: "dash" },
    marker: { color: colour, symbol: SYMBOLS.published, size: 9, line: { width: 1.8 } },
    meta: { kind: "published" },
  };
}

function idealTrace(view, metric, theme, place) {
  const ideals = new Map();
  for (const one of view.series) {
    const ideal = { makespan: one.ideal, duration: one.task_seconds }[metric] ?? null;
    if (ideal !== null) ideals.set(place(one), ideal);
  }
  const points = [...ideals].sort((a, b) => a[0] - b[0]);
  return {
    type: "scatter",
    mode: points.length > 1 ? "lines" : "markers",
    name: "ideal",
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    hovertemplate: "ideal: %{y} s<extra></extra>",
    line: { color: theme.ink, width: 1.6, dash: "dot" },
    marker: { color: theme.ink, symbol: "line-ew-open", size: 16 },
    meta: { kind: "ideal" },
  };
}

function sizeAxis(view, theme, published) {
  if (view.group.shape === "other") {
    return axis(theme, view.sizeTitle, { type: "category" });
  }
  const sizes = [...new Set([...view.series, ...published].map((one) => one.size))]
    .sort((a, b) => a - b);
  const wide = sizes.length > 1 && sizes[sizes.length - 1] / sizes[0] >= 4;
  return axis(theme, view.sizeTitle, {
    type: wide ? "log" : "linear", tickvals: sizes, ticktext: sizes.map(String),
    tickangle: 0, minor: { showgrid: false },
  });
}

// `hasLegend` where the chart stands alone.
export function trendFigure(view, metric, theme, scale, hasLegend) {
  const isOther = view.group.shape === "other";
  const place = (one) => (isOther ? one.label : one.size);
  const published = view.published.filter((figure) => publishedValue(figure, metric) !== null);
  const data = [];
  for (const system of view.allSystems) {
    const colour = colourOf(theme, view.allSystems, system);
    const points = measured(view, metric, system);
    if (points.length > 1 && !isOther) data.push(bandTrace(points, system, colour, place));
    if (points.length > 0) data.push(lineTrace(points, system, colour, place, !isOther));
    const figures = published.filter((figure) => figure.system === system);
    if (figures.length > 0) {
      data.push(publishedTrace(figures, metric, system, colour, place, !isOther));
    }
  }
  const ideal = idealTrace(view, metric, theme, place);
  if (ideal.x.length > 0) data.push(ideal);
  return {
    data,
    layout: layout(theme, {
      height: hasLegend ? 420 : 320,
      margin: { l: 58, r: 40, t: hasLegend ? 70 : 14, b: 48 },
      showlegend: hasLegend,
      xaxis: sizeAxis(view, theme, published),
      yaxis: secondsAxis(theme, TITLES[metric], scale, { rangemode: "tozero" }),
    }),
  };
}

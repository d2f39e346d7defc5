// Makespans of paired runs on two systems, with the line of equal makespans and the trend.

import { pairsOf } from "#report/model.js";
import { leastSquares, median } from "#report/statistics.js";
import { plain, plural, withUnit } from "#report/text.js";
import { axis, layout, SYMBOLS } from "#report/theme.js";

const PAIRS_MAX = 3000;

// Sizes from small to large, distinct in print as well.
const SYMBOLS_OF_SIZES = ["circle", "square", "triangle-up", "star", "hexagon", "cross",
  "triangle-down", "pentagon"];

function pairTrace(view, label, pairs, theme, shade) {
  return {
    type: "scatter",
    mode: "markers",
    name: plain(label),
    x: pairs.map((pair) => pair.x),
    y: pairs.map((pair) => pair.y),
    text: pairs.map(({ a, b }) => `<b>${plain(a.run_id)}</b><br>${plain(a.series.system)} `
      + `${withUnit(a.makespan)}<br>${plain(b.series.system)} ${withUnit(b.makespan)}`
      + (a.run_id === b.run_id ? "" : `<br>there ${plain(b.run_id)}`)),
    hovertemplate: "%{text}<extra></extra>",
    marker: {
      size: 9,
      opacity: 0.75,
      symbol: SYMBOLS_OF_SIZES[shade % SYMBOLS_OF_SIZES.length],
      color: theme.sizes[Math.min(shade, theme.sizes.length - 1)],
    },
    meta: { kind: "pairs" },
  };
}

function publishedPairs(view, systemX, systemY) {
  const of = (system) => view.published.filter((one) => one.system === system
    && one.makespan !== null);
  return of(systemX).flatMap((a) => of(systemY).filter((b) => b.label === a.label)
    .map((b) => ({ a, b, x: a.makespan, y: b.makespan })));
}

function publishedTrace(pairs, theme) {
  return {
    type: "scatter",
    mode: "markers",
    name: "published medians",
    x: pairs.map((pair) => pair.x),
    y: pairs.map((pair) => pair.y),
    text: pairs.map(({ a, b }) => `<b>published</b>, ${plain(a.label)}<br>${plain(a.system)} `
      + `${withUnit(a.makespan)}<br>${plain(b.system)} ${withUnit(b.makespan)}<br>`
      + plain(a.from)),
    hovertemplate: "%{text}<extra>not measured here</extra>",
    marker: { symbol: SYMBOLS.published, size: 12, color: theme.muted, line: { width: 2 } },
    meta: { kind: "published" },
  };
}

function line(name, from, to, style, kind) {
  return { type: "scatter", mode: "lines", name, x: [from.x, to.x], y: [from.y, to.y],
    line: style, hoverinfo: "skip", meta: { kind } };
}

function trendText(trend) {
  const sign = trend.intercept < 0 ? "−" : "+";
  return `trend y = ${trend.slope.toFixed(2)} x ${sign} ${Math.abs(trend.intercept).toFixed(2)} s, `
    + `R² ${trend.r2.toFixed(2)}`;
}

function describe(view, found, trend, systemX, systemY) {
  const ratio = median(found.pairs.map((pair) => pair.y / pair.x));
  const parts = [`${plural(found.pairs.length, "pair")} by ${found.ways.join(" and ")}`,
    `median of ${systemY} / ${systemX}: ${ratio.toFixed(2)}`];
  if (trend) parts.push(trendText(trend));
  if (found.pairs.length > PAIRS_MAX) parts.push(`every n-th pair is drawn, ${PAIRS_MAX} in all`);
  return `${parts.join("; ")}.`;
}

// None where the two systems have no runs in common; `text` says in words what is drawn.
export function scatterFigure(view, systemX, systemY, theme) {
  const found = pairsOf(view, systemX, systemY);
  if (found.pairs.length === 0) return null;
  const step = Math.ceil(found.pairs.length / PAIRS_MAX);
  const drawn = found.pairs.filter((_, i) => i % step === 0);
  const published = publishedPairs(view, systemX, systemY);
  const data = view.labels.map((label, i) => pairTrace(
    view, label, drawn.filter((pair) => pair.label === label), theme, i))
    .filter((trace) => trace.x.length > 0);
  const all = [...drawn, ...published].flatMap((pair) => [pair.x, pair.y]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  data.push(line("equal", { x: low, y: low }, { x: high, y: high },
    { color: theme.muted, width: 1.4, dash: "dash" }, "equal"));
  const trend = leastSquares(found.pairs);
  if (trend) {
    const ends = [Math.min(...drawn.map((pair) => pair.x)), Math.max(...drawn.map((p) => p.x))]
      .map((x) => ({ x, y: trend.slope * x + trend.intercept }));
    data.push(line("trend", ...ends, { color: theme.ink, width: 2 }, "trend"));
  }
  if (published.length > 0) data.push(publishedTrace(published, theme));
  return {
    data,
    layout: layout(theme, {
      height: 480,
      xaxis: axis(theme, `makespan on ${plain(systemX)} (s)`),
      yaxis: axis(theme, `makespan on ${plain(systemY)} (s)`),
    }),
    text: describe(view, found, trend, systemX, systemY),
  };
}

// The page opened with "#export": instead of itself it shows all charts of all experiments as a
// list of files, for `beeflow lab report --images`, which reads them from what the browser prints.

import { boxFigure, scaleFor } from "#report/box_chart.js";
import { ganttFigures } from "#report/gantt_panels.js";
import { viewGroup } from "#report/model.js";
import { scatterFigure } from "#report/scatter_chart.js";
import { plain } from "#report/text.js";
import { themeNamed } from "#report/theme.js";
import { trendFigure } from "#report/trend_chart.js";

const WIDTH = 960;

function fileName(...parts) {
  return parts.join("-").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

// All figures of one group with the names of their files.
function figuresOf(view, excluded, theme) {
  const figures = [];
  const add = (figure, ...parts) => {
    const { title } = view.group;
    figures.push({ figure, title: parts.join(", "), group: title,
      name: fileName(title, ...parts) });
  };
  for (const [metric, title] of [["makespan", "DAG duration"], ["duration", "task duration"],
    ["wait", "task wait"]]) {
    const scale = scaleFor(view, metric);
    add(boxFigure(view, metric, theme, scale), title);
    add(trendFigure(view, metric, theme, scale, true), `trend of ${title}`);
  }
  const label = view.labels[view.labels.length - 1];
  ganttFigures(view, label, new Map(), excluded, theme).forEach(({ figure, series, rows }, i) => {
    if (rows.length > 0) add(figure, "run", label, series.system, String(i + 1));
  });
  view.systems.forEach((x, i) => view.systems.slice(i + 1).forEach((y) => {
    const figure = scatterFigure(view, x, y, theme);
    if (figure) add(figure, `${y} against ${x}`);
  }));
  return figures;
}

function base64OfText(text) {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

// The drawing as pixels, twice as many as it has units.
async function pngOf(svgUrl, size) {
  const image = new Image();
  image.src = svgUrl;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * size.width;
  canvas.height = 2 * size.height;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

function afterComma(url) {
  return url.slice(url.indexOf(",") + 1);
}

async function imagesOf({ figure, name, title, group }) {
  const titled = { text: plain(`${title} (${group})`), x: 0.01, xanchor: "left", y: 0.985,
    yanchor: "top", font: { size: 16 } };
  const margin = { ...figure.layout.margin, t: (figure.layout.margin.t ?? 40) + 34 };
  const size = { width: WIDTH, height: figure.layout.height + 34 };
  const drawn = { data: figure.data, layout: { ...figure.layout, title: titled, margin } };
  const svg = await Plotly.toImage(drawn, { format: "svg", ...size });
  return [
    { file: `${name}.svg`, base64: base64OfText(decodeURIComponent(afterComma(svg))) },
    { file: `${name}.png`, base64: afterComma(await pngOf(svg, size)) },
  ];
}

// Names are made different where the titles of groups differ in signs only.
function withDifferentNames(figures) {
  const seen = new Map();
  return figures.map((figure) => {
    const times = (seen.get(figure.name) ?? 0) + 1;
    seen.set(figure.name, times);
    return times === 1 ? figure : { ...figure, name: `${figure.name}-${times}` };
  });
}

export async function exportImages(model, excluded) {
  const theme = themeNamed("light");
  const figures = model.groups.flatMap((group) => figuresOf(
    viewGroup(model, group.index, excluded), excluded, theme));
  const images = [];
  for (const figure of withDifferentNames(figures)) images.push(...await imagesOf(figure));
  const list = document.createElement("pre");
  list.id = "images";
  list.textContent = JSON.stringify(images);
  document.documentElement.replaceChildren(list);
}

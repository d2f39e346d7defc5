// Colours and the layout that all charts share. The colours of systems are those of Okabe and Ito,
// which stay apart for colour-blind readers; dark paper has lighter ones of the same hues.

const LIGHT = {
  name: "light",
  paper: "#ffffff",
  ink: "#1d2329",
  muted: "#5d6873",
  grid: "#e6e9ec",
  failed: "#b3001b",
  waiting: "#c9d0d6",
  systems: ["#0072b2", "#d55e00", "#00805d", "#a3457e", "#8a6d00", "#4f5b66"],
  sizes: ["#a9b4bd", "#7b8894", "#55616c", "#323c46", "#10151a"],
};

const DARK = {
  name: "dark",
  paper: "#1b2026",
  ink: "#e8ebee",
  muted: "#a3adb7",
  grid: "#303841",
  failed: "#ff7b87",
  waiting: "#4a545e",
  systems: ["#56b4e9", "#f5924e", "#3ccfa2", "#e29bc7", "#e3c04a", "#b3bdc7"],
  sizes: ["#76828d", "#93a0aa", "#b3bdc6", "#d3dade", "#f4f6f8"],
};

export const SYMBOLS = { plain: "circle", cold: "asterisk-open", published: "diamond-open",
  failed: "x" };

export function themeNamed(name) {
  return name === "dark" ? DARK : LIGHT;
}

export function systemTheme() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

// The same system has the same colour in every experiment of the report.
export function colourOf(theme, systems, system) {
  const place = Math.max(0, systems.indexOf(system));
  return theme.systems[place % theme.systems.length];
}

export function faded(colour, opacity) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${parts.join(",")},${opacity})`;
}

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", '
  + "Arial, sans-serif";

export function axis(theme, title, more = {}) {
  return {
    title: { text: title, standoff: 12, font: { size: 13, color: theme.muted } },
    color: theme.ink,
    gridcolor: theme.grid,
    linecolor: theme.grid,
    zeroline: false,
    automargin: true,
    tickfont: { size: 12.5 },
    ...more,
  };
}

export function layout(theme, more) {
  return {
    font: { family: FONT, size: 13, color: theme.ink },
    paper_bgcolor: theme.paper,
    plot_bgcolor: theme.paper,
    margin: { l: 64, r: 46, t: 44, b: 52 },
    hovermode: "closest",
    hoverlabel: {
      align: "left",
      bgcolor: theme.paper,
      bordercolor: theme.muted,
      font: { family: FONT, size: 13, color: theme.ink },
    },
    legend: {
      orientation: "h",
      x: 0,
      y: 1.02,
      yanchor: "bottom",
      font: { size: 13 },
      itemsizing: "constant",
      groupclick: "togglegroup",
    },
    modebar: { orientation: "v", color: theme.muted, activecolor: theme.ink,
      bgcolor: "rgba(0,0,0,0)" },
    ...more,
  };
}

// 0.001, 0.002, 0.005, 0.01 ... as whole numbers of people, not as powers of ten.
const LOG_TICKS = [-3, -2, -1, 0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map(
  (digit) => Number(`${digit}e${power}`)));

// Seconds on a linear or a logarithmic axis.
export function secondsAxis(theme, title, scale, more = {}) {
  if (scale !== "log") return axis(theme, title, { type: "linear", ...more });
  return axis(theme, title, { type: "log", tickvals: LOG_TICKS, ticktext: LOG_TICKS.map(String),
    minor: { showgrid: false }, ...more });
}

export function plotConfig(file) {
  const download = (format, icon) => ({
    name: `download-${format}`,
    title: `Download as ${format.toUpperCase()}`,
    icon,
    click: (chart) => Plotly.downloadImage(chart, {
      format, filename: file, width: chart.offsetWidth, height: chart.offsetHeight,
      scale: format === "png" ? 2 : 1 }),
  });
  return {
    displaylogo: false,
    responsive: true,
    modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d", "zoomIn2d",
      "zoomOut2d"],
    modeBarButtonsToAdd: [download("png", Plotly.Icons.camera), download("svg", Plotly.Icons.disk)],
  };
}

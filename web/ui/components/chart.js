import { html, useEffect, useRef, useState } from "../lib/html.js";
import { colourOf, useTheme } from "../lib/theme.js";
import { ErrorBox } from "./notes.js";

const PLOTLY = new URL("../vendor/plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
  import.meta.url).href;

let loading = null;

// Plotly adds its rules to the style sheet with this id. Its own would be an inline one, which the
// content security policy forbids; one that was loaded may be added to.
function loadStyles() {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    const fail = (event) => {
      link.remove();
      reject(event);
    };
    Object.assign(link, { id: "plotly.js-style-global", rel: "stylesheet",
      href: new URL("../chart.css", import.meta.url).href, onload: resolve, onerror: fail });
    document.head.append(link);
  });
}

function loadPlotly() {
  loading ??= loadStyles().then(() => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  })).catch(() => {
    loading = null;
    throw new Error("The charts could not be loaded from the server.");
  });
  return loading;
}

function axis(more = {}) {
  return { color: colourOf("--muted"), gridcolor: colourOf("--line"), zeroline: false,
    linecolor: colourOf("--line"), automargin: true, ...more };
}

function themed(layout) {
  const { xaxis, yaxis, ...rest } = layout;
  const font = { family: "system-ui, sans-serif", size: 12.5, color: colourOf("--ink") };
  return {
    font,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 56, r: 16, t: 16, b: 44 },
    hovermode: "closest",
    hoverlabel: { align: "left", bgcolor: colourOf("--paper"), bordercolor: colourOf("--line"),
      font },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    xaxis: axis(xaxis),
    yaxis: axis(yaxis),
    ...rest,
  };
}

// A Plotly chart in the theme's colours. data and layout as Plotly's; make them with useMemo and
// with colourOf() of lib/theme.js, useTheme() among their dependencies. onClick(point) is called
// with the point of `data` that was clicked. Plotly is loaded when the first chart is shown.
export function Chart({ data, layout, height = 320, label, onClick }) {
  const box = useRef(null);
  const [error, setError] = useState(null);
  const clicked = useRef(null);
  clicked.current = onClick;
  const theme = useTheme();
  useEffect(() => {
    let isOver = false;
    loadPlotly().then(async (Plotly) => {
      if (isOver) return;
      const element = box.current;
      await Plotly.react(element, data, themed(layout),
        { displaylogo: false, responsive: true, displayModeBar: false });
      if (!box.current) Plotly.purge(element);  // the view was left while it was drawn
      if (!box.current || element.dataset.drawn) return;
      element.dataset.drawn = "yes";
      element.on("plotly_click", ({ points }) => clicked.current?.(points[0]));
    }).catch(setError);
    return () => { isOver = true; };
  }, [data, layout, theme]);
  useEffect(() => {
    const element = box.current;
    return () => window.Plotly?.purge(element);
  }, []);
  if (error) return html`<${ErrorBox} error=${error} />`;
  return html`<div class="chart" ref=${box} style=${{ height: `${height}px` }} role="img"
    aria-label=${label}></div>`;
}

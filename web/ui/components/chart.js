import { html, useEffect, useRef, useState } from "../lib/html.js";
import { colourOf, useTheme } from "../lib/theme.js";
import { ErrorBox } from "./notes.js";

const PLOTLY = "/ui/vendor/plotly.js-cartesian-dist-min/plotly-cartesian.min.js";

let loading = null;

function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error("The charts could not be loaded from the server."));
    };
    document.head.append(script);
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
      await Plotly.react(box.current, data, themed(layout),
        { displaylogo: false, responsive: true, displayModeBar: false });
      if (!box.current || box.current.dataset.drawn) return;
      box.current.dataset.drawn = "yes";
      box.current.on("plotly_click", ({ points }) => clicked.current?.(points[0]));
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

// How long runs and tasks took, and when they landed, over the runs that are shown.
import { html, useMemo, useState } from "../../lib/html.js";
import { navigate } from "../../lib/router.js";
import { path, withQuery } from "../../lib/path.js";
import { useTheme } from "../../lib/theme.js";
import { Chart } from "../../components/chart.js";
import { EmptyNote } from "../../components/notes.js";
import { boxTraces, landingTraces, runTraces, taskTraces, unitOf } from "./duration_traces.js";
import { GridControls } from "./grid_controls.js";

const TASKS_SHOWN = 30;

function Panel({ title, explanation, children }) {
  return html`<section class="panel"><div class="panel-head"><h2>${title}</h2>
    <span class="muted">${explanation}</span></div>
    <div class="panel-body">${children}</div></section>`;
}

function useChart(make, dependencies) {
  return useMemo(make, [...dependencies, useTheme()]);
}

export default function Durations({ dagId, structure, grid, version, query }) {
  const [text, setText] = useState("");
  const taskIds = useMemo(() => [...structure.tasks.keys()].filter(
    (id) => id.toLowerCase().includes(text.trim().toLowerCase())), [structure, text]);
  const open = (point) => navigate(withQuery(path`/dags/${dagId}/grid`,
    { run: point.customdata?.run, task: point.customdata?.task }));
  const runs = useChart(() => runTraces(grid), [grid, version]);
  const boxes = useChart(() => boxTraces(grid, taskIds, TASKS_SHOWN), [grid, version, taskIds]);
  const lines = useChart(() => taskTraces(grid, taskIds, TASKS_SHOWN), [grid, version, taskIds]);
  const landing = useChart(() => landingTraces(grid), [grid, version]);
  if (!grid.runs.some((run) => run.end_date)) {
    return html`<${EmptyNote} title="No run has ended yet">Durations are drawn of runs that
      have.</${EmptyNote}>`;
  }
  const many = taskIds.length > TASKS_SHOWN ? `, the ${TASKS_SHOWN} longest` : "";
  return html`<div class="dag-view durations">
    <div class="panel"><${GridControls} structure=${structure} query=${query} grid=${grid}
      text=${text} setText=${setText} /></div>
    <${Panel} title="Runs" explanation=${`duration of each run (${unitOf(runs)})`}>
      <${Chart} ...${runs} onClick=${open} label="Durations of runs" /></${Panel}>
    <${Panel} title="Tasks" explanation=${`spread over the runs${many}`}>
      <${Chart} ...${boxes} onClick=${open} label="Durations of tasks"
        height=${Math.max(160, 60 + 26 * boxes.data.length)} /></${Panel}>
    <${Panel} title="Tasks over time" explanation=${`duration of each task${many}`}>
      <${Chart} ...${lines} onClick=${open} label="Durations of tasks over time"
        height=${380} /></${Panel}>
    <${Panel} title="Landing times"
      explanation="from the end of the data interval to the end of the run">
      <${Chart} ...${landing} onClick=${open} label="Landing times" /></${Panel}>
  </div>`;
}

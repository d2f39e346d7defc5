// The bars above the grid: one a run, as high as it took, in the colour of its state.
import { classes, html, memo } from "../../lib/html.js";
import { stateLabel, stateName } from "../../lib/states.js";
import { formatDuration, formatTime, toMs, useNow, useZone } from "../../lib/time.js";
import { CELL, SELECTED_ID } from "./grid_row.js";

const BAR_HEIGHT = 48;
const BAR_HEIGHT_MIN = 4;
const SYMBOL_HEIGHT = 14;  // every bar but that of a success has room for its symbol
const LABEL_EVERY = 6;  // columns between two dates

function barHeight(run, share) {
  const least = run.state === "success" ? BAR_HEIGHT_MIN : SYMBOL_HEIGHT;
  return Math.max(least, BAR_HEIGHT * share);
}

const TYPE_MARKS = { manual: "▸", backfill: "↶", dataset_triggered: "◆" };

export function runSeconds(run, now = Date.now()) {
  const start = toMs(run.start_date);
  return start === null ? 0 : Math.max(0, ((toMs(run.end_date) ?? now) - start) / 1000);
}

export function runTitle(run, seconds) {
  return `${stateLabel(run.state)}: ${run.run_id}\n${(run.run_type ?? "").replaceAll("_", " ")
    }\nlogical date ${formatTime(run.logical_date)}`
    + (run.start_date ? `\nstarted ${formatTime(run.start_date)}, ${formatDuration(seconds)}` : "")
    + (run.note ? `\n${run.note}` : "");
}

// isRow: the run itself is what is selected, not a task in it.
export const RunHeader = memo(({ runs, selectedRun, isRow }) => {
  useZone();
  const now = useNow(1000, runs.some((run) => run.start_date && !run.end_date));
  const seconds = runs.map((run) => runSeconds(run, now));
  const longest = Math.max(...seconds, 0.001);
  return html`<div class="run-header" role="row">
    <span class="grid-name">
      <span class="scale"><i>${formatDuration(longest)}</i><i>${formatDuration(longest / 2)}</i>
      </span></span>
    ${runs.map((run, place) => html`<span key=${run.run_id} role="columnheader"
      id=${isRow && run.run_id === selectedRun ? SELECTED_ID : undefined}
      class=${classes("run-bar", run.run_id === selectedRun && "selected")} data-run=${place}
      title=${runTitle(run, seconds[place])} style=${{ width: `${CELL}px` }}>
      <span class="visually-hidden">${stateLabel(run.state)} ${run.run_id}</span>
      <b class="cell" data-state=${stateName(run.state)} style=${{
        height: `${barHeight(run, seconds[place] / longest)}px` }}></b>
      <small>${TYPE_MARKS[run.run_type] ?? ""}</small>
      ${(runs.length - 1 - place) % LABEL_EVERY === 0 && place >= LABEL_EVERY - 1 ? html`
        <span class="run-date">${formatTime(run.logical_date, "minute").slice(5)}</span>` : null}
      ${run.note ? html`<span class="run-note" aria-hidden="true"></span>` : null}
    </span>`)}</div>`;
});

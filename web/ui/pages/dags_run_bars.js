// The newest runs of a DAG as bars: the height is the duration, the colour the state, and a notch
// at the foot (for who sees no colours) whether a run failed or runs.
import { html, memo } from "../lib/html.js";
import { page } from "../lib/path.js";
import { stateColour, stateLabel, stateName } from "../lib/states.js";
import { formatDuration, formatTime, toMs } from "../lib/time.js";

const SHOWN = 14;
const HEIGHT_MIN = 0.18;  // of the full height

function secondsOf(run) {
  const start = toMs(run.start_date);
  return start === null ? 0 : ((toMs(run.end_date) ?? Date.now()) - start) / 1000;
}

function titleOf(run) {
  const start = run.start_date ? `\nstarted ${formatTime(run.start_date)}` : "";
  const length = run.start_date ? `\n${formatDuration(secondsOf(run))}` : "";
  return `${stateLabel(run.state)}: ${run.run_id}${start}${length}`;
}

export const RunBars = memo(({ dagId, runs }) => {
  const longest = Math.max(...runs.map(secondsOf), 0.001);
  return html`<span class="run-bars">
    ${Array.from({ length: Math.max(0, SHOWN - runs.length) }, (_, place) => html`
      <i key=${place}></i>`)}
    ${runs.map((run) => html`<a key=${run.run_id} data-state=${stateName(run.state)}
      title=${titleOf(run)} aria-label=${titleOf(run)} tabindex="-1"
      href=${`${page`/dags/${dagId}/grid`}?run=${encodeURIComponent(run.run_id)}`}>
      <b style=${{ height: `${100 * Math.max(HEIGHT_MIN, secondsOf(run) / longest)}%`,
        background: stateColour(run.state) }}></b></a>`)}</span>`;
});

// The newest runs of a DAG as bars: the height is the duration, the colour the state, and a notch
// at the foot (for who sees no colours) whether a run failed or runs.
import { html, memo } from "../lib/html.js";
import { page } from "../lib/path.js";
import { stateColour, stateLabel, stateName } from "../lib/states.js";
import { formatDuration, formatTime, toMs } from "../lib/time.js";

const SHOWN = 14;
const HEIGHT_MIN = 0.18;  // of the full height
const MARKED_HEIGHT_MIN = 0.4;  // where there is a mark at the foot

function secondsOf(run) {
  const start = toMs(run.start_date);
  return start === null ? 0 : ((toMs(run.end_date) ?? Date.now()) - start) / 1000;
}

function titleOf(run) {
  const start = run.start_date ? `\nstarted ${formatTime(run.start_date)}` : "";
  const length = run.start_date ? `\n${formatDuration(secondsOf(run))}` : "";
  return `${stateLabel(run.state)}: ${run.run_id}${start}${length}`;
}

// One stop of the tab key; the arrows go on from there.
function moved(event) {
  const { target, key } = event;
  const next = { ArrowLeft: target.previousElementSibling,
    ArrowRight: target.nextElementSibling }[key];
  if (!next?.matches("a")) return;
  event.preventDefault();
  next.focus();
}

function heightOf(run, longest) {
  const least = run.state === "failed" || run.state === "running" ? MARKED_HEIGHT_MIN : HEIGHT_MIN;
  return Math.max(least, secondsOf(run) / longest);
}

export const RunBars = memo(({ dagId, runs }) => {
  const longest = Math.max(...runs.map(secondsOf), 0.001);
  return html`<span class="run-bars" role="group" aria-label=${`Newest runs of ${dagId}`}
      onKeyDown=${moved}>
    ${Array.from({ length: Math.max(0, SHOWN - runs.length) }, (_, place) => html`
      <i key=${place}></i>`)}
    ${runs.map((run, place) => html`<a key=${run.run_id} data-state=${stateName(run.state)}
      title=${titleOf(run)} aria-label=${titleOf(run)}
      tabindex=${place === runs.length - 1 ? 0 : -1}
      href=${`${page`/dags/${dagId}/grid`}?run=${encodeURIComponent(run.run_id)}`}>
      <b style=${{ height: `${100 * heightOf(run, longest)}%`,
        background: stateColour(run.state) }}></b></a>`)}</span>`;
});

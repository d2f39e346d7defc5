// A DAG as a whole, in figures: shown while nothing is selected.
import { html, useMemo } from "../../lib/html.js";
import { StateBadge } from "../../components/state_badge.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { setQuery } from "../../lib/router.js";
import { Counts } from "./counts.js";
import { runSeconds } from "./run_header.js";

export function median(numbers) {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function figuresOf(runs) {
  const counts = {};
  for (const run of runs) counts[run.state] = (counts[run.state] ?? 0) + 1;
  const seconds = runs.filter((run) => run.state === "success" && run.end_date)
    .map((run) => runSeconds(run));
  return { counts, median: median(seconds), longest: seconds.length ? Math.max(...seconds) : null };
}

function RunLink({ run }) {
  return html`<button type="button" class="link" title=${run.run_id}
    onClick=${() => setQuery({ run: run.run_id })}><${TimeText} time=${run.start_date
      ?? run.logical_date} relative /></button> <${StateBadge} state=${run.state} />`;
}

export function DagPanel({ structure, grid, version }) {
  const { data } = structure;
  const figures = useMemo(() => figuresOf(grid.runs), [grid, version]);
  const last = grid.runs.at(-1);
  const lastFailed = grid.runs.findLast((run) => run.state === "failed");
  return html`
    ${data.description ? html`<p>${data.description}</p>` : null}
    ${grid.runs.length === 0 ? null : html`<h3>${grid.runs.length === 1 ? "The run"
      : `The ${grid.runs.length} runs shown`}</h3><${Counts} counts=${figures.counts} />`}
    <dl class="facts">
      ${last ? html`<dt>Last run</dt><dd><${RunLink} run=${last} /></dd>` : null}
      ${lastFailed && lastFailed !== last ? html`<dt>Last failure</dt>
        <dd><${RunLink} run=${lastFailed} /></dd>` : null}
      ${figures.median === null ? null : html`<dt>Median duration</dt>
        <dd><${DurationText} seconds=${figures.median} /></dd>
        <dt>Longest</dt><dd><${DurationText} seconds=${figures.longest} /></dd>`}
      <dt>Tasks</dt><dd>${structure.tasks.size}${structure.hasGroups
        ? html` <span class="muted">in ${structure.groups.size} groups</span>` : null}</dd>
      <dt>Owner</dt><dd>${data.owners.join(", ")}</dd>
      <dt>File</dt><dd class="mono">${data.file}</dd>
    </dl>
    <p class="muted hint">Select a run, a task or a cell; arrow keys move the selection, Enter opens
      a task instance.</p>`;
}

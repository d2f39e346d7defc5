// What the grid shows: how many runs, of which kind, up to when; and which tasks.
import { html } from "../../lib/html.js";
import { setQuery } from "../../lib/router.js";
import { RUN_STATES, stateLabel } from "../../lib/states.js";
import { Icon } from "../../components/icons.js";

const RUN_COUNTS = [10, 30, 60, 120, 365];
const RUN_TYPES = ["scheduled", "manual", "backfill", "dataset_triggered"];

function Choice({ label, value, options, onChange }) {
  return html`<select aria-label=${label} title=${label} value=${value}
    onChange=${(event) => onChange(event.target.value)}>
    ${options.map(([id, text]) => html`<option key=${id} value=${id}
      selected=${String(id) === String(value)}>${text}</option>`)}</select>`;
}

function Older({ grid, query }) {
  const first = grid.runs[0]?.logical_date;
  return html`<button type="button" class="icon-button" title="Older runs"
      aria-label="Older runs" disabled=${!first} onClick=${() => setQuery({ before: first })}>
      <${Icon} name="left" /></button>
    <button type="button" class="button small" disabled=${!query.before}
      onClick=${() => setQuery({ before: null })}>Newest</button>`;
}

// setAll(isOpen) unfolds or folds all groups, where the view has any.
export function GridControls({ structure, query, grid, text, setText, setAll }) {
  const count = Number(query.runs) || grid.runsMax;
  const counts = [...new Set([...RUN_COUNTS, count])].sort((a, b) => a - b);
  return html`<div class="panel-head grid-controls">
    <label class="filter"><${Icon} name="search" size=${14} /><input type="search"
      placeholder="Tasks" aria-label="Filter tasks" value=${text}
      onInput=${(event) => setText(event.target.value)} /></label>
    ${structure.hasGroups && setAll ? html`<button type="button" class="button small"
        onClick=${() => setAll(true)}>Unfold all</button>
      <button type="button" class="button small" onClick=${() => setAll(false)}>Fold all</button>`
      : null}
    <span class="spring"></span>
    <${Choice} label="Number of runs" value=${count} options=${counts.map(
      (number) => [number, `${number} runs`])} onChange=${(runs) => setQuery({ runs })} />
    <${Choice} label="Type of runs" value=${query.run_type ?? ""} options=${[["", "all types"],
      ...RUN_TYPES.map((type) => [type, type.replaceAll("_", " ")])]}
      onChange=${(run_type) => setQuery({ run_type })} />
    <${Choice} label="State of runs" value=${query.state ?? ""} options=${[["", "all states"],
      ...RUN_STATES.map((state) => [state, stateLabel(state).toLowerCase()])]}
      onChange=${(state) => setQuery({ state })} />
    <${Older} grid=${grid} query=${query} /></div>`;
}

// The graph of a DAG, in the colours of one of its runs.
import "../../lib/state_sheet.js";
import { html, useMemo, useRef } from "../../lib/html.js";
import { setQuery } from "../../lib/router.js";
import { Icon } from "../../components/icons.js";
import { Loading } from "../../components/notes.js";
import { GraphDrawing } from "./graph_drawing.js";
import { graphOf } from "./graph_model.js";
import { useOpenGroups } from "./open_groups.js";
import { usePanZoom } from "./pan_zoom.js";
import { RunPicker } from "./run_picker.js";
import { SidePanel } from "./side_panel.js";
import { StateLegend } from "./state_legend.js";
import { useLayout } from "./use_layout.js";

const READABLE_MAX = 300;  // nodes; larger graphs are shown as a whole at first

function Buttons({ panZoom }) {
  return html`<div class="graph-buttons">
    ${[["add", "Zoom in", () => panZoom.zoom(1.4)], ["fit", "Show all", panZoom.fit]].map(
      ([icon, label, act]) => html`<button key=${icon} type="button" class="icon-button"
        aria-label=${label} title=${label} onClick=${act}><${Icon} name=${icon} /></button>`)}
    <button type="button" class="icon-button" aria-label="Zoom out" title="Zoom out"
      onClick=${() => panZoom.zoom(1 / 1.4)}><b>−</b></button></div>`;
}

function Canvas({ structure, grid, version, open, toggle, selected }) {
  const graph = useMemo(() => graphOf(structure, open), [structure, open]);
  const laidOut = useLayout(graph);
  const box = useRef(null);
  const panZoom = usePanZoom(box, laidOut?.layout, graph.nodes.length > READABLE_MAX);
  const select = (task) => {
    if (panZoom.isClick()) setQuery({ task, run: selected.run });
  };
  return html`<div ref=${box} class="graph-box" role="group" aria-label="Graph of the tasks"
      onClick=${(event) => { if (event.target === event.currentTarget) select(null); }}>
    ${laidOut ? html`<${GraphDrawing} ...${laidOut} view=${panZoom.view} box=${panZoom.box}
      grid=${grid} version=${version} place=${grid.places.get(selected.run)}
      selected=${selected.task} onSelect=${select} toggle=${toggle} />`
      : html`<${Loading} />`}
    <${Buttons} panZoom=${panZoom} /></div>`;
}

export default function GraphView({ dagId, dag, structure, grid, version, query, onTrigger }) {
  const { open, toggle, setAll } = useOpenGroups(structure);
  const runId = grid.places.has(query.run) ? query.run : grid.runs.at(-1)?.run_id ?? null;
  const selected = useMemo(() => ({ run: runId, task: query.task ?? null }),
    [runId, query.task]);
  return html`<div class="dag-view with-panel">
    <section class="panel graph-panel">
      <div class="panel-head grid-controls"><${RunPicker} grid=${grid} runId=${runId} />
        <span class="spring"></span>
        ${structure.hasGroups ? html`<button type="button" class="button small"
            onClick=${() => setAll(true)}>Unfold all</button>
          <button type="button" class="button small" onClick=${() => setAll(false)}>Fold all
          </button>` : null}</div>
      <${Canvas} structure=${structure} grid=${grid} version=${version} open=${open}
        toggle=${toggle} selected=${selected} />
      <${StateLegend} />
    </section>
    <${SidePanel} dagId=${dagId} dag=${dag} structure=${structure} grid=${grid}
      version=${version} selected=${selected} onTrigger=${onTrigger}
      onClose=${query.run || query.task ? () => setQuery({ run: null, task: null }) : null} />
    </div>`;
}

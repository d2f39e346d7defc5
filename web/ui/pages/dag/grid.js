// The grid of a DAG: a row a task, a column a run. What is clicked is told of in a panel beside it.
import "../../lib/state_sheet.js";
import { html, useCallback, useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { path } from "../../lib/path.js";
import { navigate, setQuery } from "../../lib/router.js";
import { EmptyNote } from "../../components/notes.js";
import { GridControls } from "./grid_controls.js";
import { CELL, GridRow, ROW_HEIGHT, SELECTED_ID } from "./grid_row.js";
import { RunHeader } from "./run_header.js";
import { useOpenGroups } from "./open_groups.js";
import { useWindow } from "./row_window.js";
import { SidePanel } from "./side_panel.js";
import { StateLegend } from "./state_legend.js";
import { useGridKeys } from "./grid_keys.js";
import { useCellTitles } from "./cell_titles.js";

function select(run, task) {
  setQuery({ run: run ?? null, task: task ?? null });
}

// Which cell was clicked: {runId, nodeId}; either may be missing.
function clickedOf(event, grid) {
  const place = event.target.closest("[data-run]")?.dataset.run;
  const nodeId = event.target.closest("[data-node]")?.dataset.node;
  return { runId: place === undefined ? undefined : grid.runs[place]?.run_id, nodeId };
}

function Body({ structure, grid, rows, open, toggle, selected }) {
  const box = useRef(null);
  const [first, last] = useWindow(box, rows.length, ROW_HEIGHT);
  return html`<div ref=${box} class="grid-rows" role="presentation"
    style=${{ height: `${rows.length * ROW_HEIGHT}px` }}>
    ${rows.slice(first, last).map((node, place) => html`<${GridRow} key=${node.id} node=${node}
      grid=${grid} top=${(first + place) * ROW_HEIGHT} isOpen=${open.has(node.id)}
      toggle=${toggle} version=${grid.versionOf(node)} runsVersion=${grid.runsVersion}
      isSelected=${node.id === selected.task}
      selectedPlace=${node.id === selected.task ? grid.places.get(selected.run) : undefined}
      runCount=${grid.runs.length} place=${first + place} structure=${structure} />`)}</div>`;
}

function NoRuns({ query }) {
  const isFiltered = query.before || query.state || query.run_type;
  const showAll = () => setQuery({ before: null, state: null, run_type: null });
  return html`<${EmptyNote} icon="clock" title=${isFiltered ? "No run is like that"
    : "No runs yet"}>${isFiltered ? html`<button type="button" class="link" onClick=${showAll}>
      Show all runs</button>` : "Trigger one, or turn the DAG on and wait for its schedule."}
  </${EmptyNote}>`;
}

// The newest runs are at the right; there the reader begins, and stays when one is added.
function useRightEnd(scroller, runCount) {
  useEffect(() => {
    scroller.current.scrollLeft = scroller.current.scrollWidth;
  }, [runCount]);
}

function useRowInSight(scroller, rows, selected) {
  useEffect(() => {
    const place = rows.findIndex((node) => node.id === selected.task);
    if (place < 0) return;
    const { current: box } = scroller;
    const head = box.querySelector(".run-header")?.offsetHeight ?? 0;
    const top = place * ROW_HEIGHT;
    if (top < box.scrollTop) box.scrollTop = top;
    const bottom = top + ROW_HEIGHT + head - box.clientHeight;
    if (bottom > box.scrollTop) box.scrollTop = bottom;
  }, [selected.task, rows]);
}

export default function Grid({ dagId, dag, structure, grid, version, query, onTrigger }) {
  const { open, toggle, setAll } = useOpenGroups(structure);
  const [text, setText] = useState("");
  const rows = useMemo(() => structure.rows(open, text), [structure, open, text]);
  const scroller = useRef(null);
  const selected = useMemo(() => ({ run: query.run ?? null, task: query.task ?? null }),
    [query.run, query.task]);
  const openTask = useCallback((run, task) => {
    if (run && structure.tasks.has(task)) {
      navigate(path`/dags/${dagId}/runs/${run}/tasks/${task}`);
    }
  }, [dagId, structure]);
  const onKeyDown = useGridKeys({ rows, grid, structure, selected, toggle, select, openTask });
  const titles = useCellTitles(grid, structure);
  useRightEnd(scroller, grid.runs.length);
  useRowInSight(scroller, rows, selected);
  const click = (event) => {
    const { runId, nodeId } = clickedOf(event, grid);
    if (event.target.closest("button.grid-toggle") || (!runId && !nodeId)) return;
    const isSame = runId === (selected.run ?? undefined) && nodeId === (selected.task ?? undefined);
    if (isSame) select(null, null);
    else select(runId, nodeId);
  };
  const dblclick = (event) => {
    const { runId, nodeId } = clickedOf(event, grid);
    openTask(runId, nodeId);
  };
  const selectedPlace = grid.places.get(selected.run);
  return html`<div class="dag-view with-panel">
    <section class="panel grid-panel">
      <${GridControls} structure=${structure} query=${query} grid=${grid} text=${text}
        setText=${setText} setAll=${setAll} />
      ${grid.runs.length === 0 ? html`<${NoRuns} query=${query} />` : null}
      <div ref=${scroller} class="grid-scroller" role="treegrid" tabindex="0"
        aria-label="Tasks and runs"
        aria-activedescendant=${selected.run || selected.task ? SELECTED_ID : undefined}
        aria-rowcount=${rows.length + 1}
        aria-colcount=${grid.runs.length + 1} onClick=${click} onDblClick=${dblclick}
        onKeyDown=${onKeyDown} onPointerOver=${titles}>
        <div class="grid-sheet" style=${{
          width: `calc(var(--name-width) + ${grid.runs.length * CELL + 8}px)` }}>
          ${grid.runs.length === 0 ? null : html`<${RunHeader} runs=${grid.runs}
            runsVersion=${grid.runsVersion} selectedRun=${selected.run}
            isRow=${!selected.task} />`}
          ${selectedPlace === undefined ? null : html`<div class="grid-column"
            style=${{
            left: `calc(var(--name-width) + ${selectedPlace * CELL}px)` }}></div>`}
          <${Body} structure=${structure} grid=${grid} rows=${rows} open=${open} toggle=${toggle}
            selected=${selected} version=${version} /></div></div>
      <${StateLegend} grid=${grid} />
    </section>
    <${SidePanel} dagId=${dagId} dag=${dag} structure=${structure} grid=${grid}
      version=${version} selected=${selected} onTrigger=${onTrigger}
      onClose=${selected.run || selected.task ? () => select(null, null) : null} />
  </div>`;
}

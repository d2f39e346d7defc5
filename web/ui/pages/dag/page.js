// The page of a DAG: its head, and one of its views.
import { get } from "../../lib/api.js";
import { html, useCallback, useEffect, useRef, useState } from "../../lib/html.js";
import { useLazy } from "../../lib/lazy.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { path, withQuery } from "../../lib/path.js";
import { ErrorBox, Loading } from "../../components/notes.js";
import { Tabs } from "../../components/tabs.js";
import { BackfillBanner } from "./backfill_banner.js";
import { DagHead } from "./head.js";
import { dagRequest, structureRequest } from "./requests.js";
import { Structure } from "./structure.js";
import { useGrid } from "./use_grid.js";
import { VIEWS, viewName } from "./views.js";

function useStructure(dagId) {
  const newest = useRef(null);
  return useLoad(async (signal) => {
    const data = await get(...structureRequest(dagId), { signal });
    const before = newest.current;
    // The same version is the same object, so that nothing is laid out anew.
    if (before?.data.dag_id !== dagId || before.data.dag_hash !== data.dag_hash) {
      newest.current = new Structure(data);
    }
    return newest.current;
  }, [dagId]);
}

function useDag(dagId) {
  return useLoad((signal) => get(...dagRequest(dagId), { signal }), [dagId]);
}

// The structure is another only after its file was imported again; of a large DAG it is long.
function useReloadWithFile(imported, reload) {
  const known = useRef(imported);
  useEffect(() => {
    if (known.current && imported && known.current !== imported) reload();
    known.current = imported ?? known.current;
  }, [imported]);
}

function ViewWithGrid({ View, query, ...rest }) {
  const { dagId, structure } = rest;
  const { grid, version, error, reload } = useGrid(dagId, structure, { runs: query.runs,
    before: query.before, run_type: query.run_type, state: query.state });
  if (error && !grid) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!grid || !View) return html`<${Loading} rows=${8} />`;
  return html`<${View} ...${rest} query=${query} grid=${grid} version=${version} />`;
}

// Begins to load what it needs before the structure is there.
function Content({ tab, ...rest }) {
  const { View, error } = useLazy(VIEWS[tab].load);
  if (error) return html`<${ErrorBox} title="The view could not be loaded" error=${error} />`;
  if (VIEWS[tab].needsGrid) return html`<${ViewWithGrid} View=${View} ...${rest} />`;
  return View && rest.structure ? html`<${View} ...${rest} />` : html`<${Loading} rows=${8} />`;
}

export default function DagPage({ fields, query }) {
  const dagId = fields.dag_id;
  const tab = viewName(fields);
  const dag = useDag(dagId);
  const structure = useStructure(dagId);
  const [isTriggering, setTriggering] = useState(null);  // the conf to begin with, or null
  useChanges({ table: "dag", dag_id: dagId }, (changes, { reset }) => {
    const last = changes.findLast(({ is_paused }) => typeof is_paused === "boolean");
    if (last && !reset) {
      dag.setData((before) => before && { ...before, is_paused: last.is_paused,
        is_active: last.is_active });
    }
    dag.reload();
    if (reset) structure.reload();
  });
  useReloadWithFile(dag.data?.last_parsed_time, structure.reload);
  useEffect(() => { document.title = `${dagId} – Beeflow`; }, [dagId]);
  const change = useCallback((_, more) => dag.setData(
    (before) => before && { ...before, ...more }), [dagId]);
  const tabs = Object.entries(VIEWS).map(([id, { label }]) => ({ id, label,
    href: `#${withQuery(path`/dags/${dagId}/${id}`, { run: query.run, task: query.task })}` }));
  return html`<${DagHead} dagId=${dagId} dag=${dag.data} structure=${structure.data}
      change=${change} triggering=${isTriggering} setTriggering=${setTriggering} />
    <${BackfillBanner} dagId=${dagId} />
    <${Tabs} tabs=${tabs} current=${tab} label="Views of the DAG" />
    <${ErrorBox} error=${dag.error ?? structure.error} onRetry=${() => {
      dag.reload();
      structure.reload();
    }} />
    ${structure.error && !structure.data ? null : html`<${Content} key=${dagId} tab=${tab}
      dagId=${dagId} dag=${dag.data} structure=${structure.data} query=${query}
      onTrigger=${setTriggering} />`}`;
}

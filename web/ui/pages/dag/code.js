// The source of a DAG's file, and which version the selected run had.
import { get, getText } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { CodeView, ErrorBox, Icon, Loading, toast } from "../../components/index.js";

const HASH_SHOWN = 8;

// The version with which a run was made: {run_id, dag_hash}, or null.
function useRunVersion(dagId, runId) {
  return useLoad(async (signal) => {
    const { runs } = await get(path`/ui/dags/${dagId}/grid`,
      runId ? { run_id: runId } : { runs: 1 }, { signal });
    return runs.at(-1) ?? null;
  }, [dagId, runId]).data;
}

function Version({ structure, run }) {
  const hash = structure.data.dag_hash;
  const isSame = run?.dag_hash === hash;
  return html`<span class="muted">version <span class="mono" title=${hash}>
      ${hash.slice(0, HASH_SHOWN)}</span></span>
    ${run?.dag_hash ? html`<span class=${isSame ? "muted" : "version-differs"}>
      <${Icon} name=${isSame ? "check" : "warning"} size=${14} />
      ${isSame ? "the one that run " : "not the one that run "}
      <a href=${`#${path`/dags/${structure.data.dag_id}/runs/${run.run_id}`}`}>${run.run_id}</a>
      ${isSame ? " has" : html` has (<span class="mono">
        ${run.dag_hash.slice(0, HASH_SHOWN)}</span>)`}</span>` : null}`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("The source is copied.");
  } catch {
    toast(new Error("The browser does not let this page copy."));
  }
}

export default function Code({ dagId, dag, structure, query }) {
  const token = dag?.file_token;
  const { data, error, reload } = useLoad((signal) => (token
    ? getText(path`/dagSources/${token}`, {}, { signal }) : undefined), [token]);
  useChanges({ table: "dag", dag_id: dagId }, reload);
  const run = useRunVersion(dagId, query.run);
  if (error && data === undefined) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (data === undefined) return html`<${Loading} rows=${10} />`;
  return html`<section class="dag-view panel code-panel"><div class="panel-head">
      <span class="mono">${structure.data.file}</span>
      <${Version} structure=${structure} run=${run} /><span class="spring"></span>
      <button type="button" class="button small" onClick=${() => copy(data)}>
        <${Icon} name="copy" size=${14} />Copy</button></div>
    <${CodeView} source=${data} /></section>`;
}

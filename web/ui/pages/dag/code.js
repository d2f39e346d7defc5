// The source of a DAG's file: as it is, or as it was when a run started.
import { get } from "../../lib/api.js";
import { html, useMemo } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { page, path } from "../../lib/path.js";
import { setQuery } from "../../lib/router.js";
import { formatTime, toMs, useZone } from "../../lib/time.js";
import { CodeView } from "../../components/code_view.js";
import { Icon } from "../../components/icons.js";
import { EmptyNote, ErrorBox, Loading, toast } from "../../components/notes.js";
import { changedLines, versionAt } from "./source_versions.js";

// The run that is selected, else the newest one; null where there is none.
function useRun(dagId, runId) {
  const { data, reload } = useLoad(async (signal) => {
    const { runs } = await get(path`/ui/dags/${dagId}/grid`,
      runId ? { run_id: runId } : { runs: 1 }, { signal });
    return runs.at(-1) ?? null;
  }, [dagId, runId]);
  useChanges({ table: "dag_run", dag_id: dagId }, reload);
  return data;
}

// The newest version, and the one that is wanted, which is null until it is there.
function useVersions(dagId, wanted) {
  const target = path`/ui/dags/${dagId}/source`;
  const newest = useLoad((signal) => get(target, {}, { signal }), [dagId]);
  useChanges({ table: "dag", dag_id: dagId }, newest.reload);
  const since = wanted(newest.data);
  const isOlder = Boolean(newest.data && since && since !== newest.data.since);
  const older = useLoad((signal) => (isOlder ? get(target, { since }, { signal }) : null),
    [dagId, isOlder ? since : null]);
  return { newest: newest.data, shown: isOlder ? older.data : newest.data,
    error: newest.error ?? older.error, reload: newest.reload };
}

function VersionChoice({ versions, shown, ran, run }) {
  useZone();
  const label = (since, place) => [formatTime(since), place === 0 ? "newest" : null,
    since === ran && run ? "of the run" : null].filter(Boolean).join(" · ");
  return html`<label class="version-choice">Version since <select value=${shown}
    onChange=${(event) => setQuery({ since: event.target.value })}>
    ${versions.map((since, place) => html`<option key=${since} value=${since}
      selected=${since === shown}>${label(since, place)}</option>`)}</select></label>`;
}

// Which version this is, seen from the run.
function Relation({ newest, shown, ran, run, dagId }) {
  if (!run) return null;
  const link = html`<a href=${page`/dags/${dagId}/runs/${run.run_id}`}>${run.run_id}</a>`;
  if (ran === null) {
    return html`<p class="version-note differs"><${Icon} name="warning" size=${14} /><span>What run
      ${" "}${link} ran is not kept any more: only the newest versions of a file are.</span></p>`;
  }
  if (ran === shown.since) {
    const isNewest = ran === newest.since;
    return html`<p class=${isNewest ? "version-note" : "version-note differs"}>
      <${Icon} name=${isNewest ? "check" : "warning"} size=${14} /><span>This is what run ${link}
      ${" "}${run.start_date ? "ran" : "will run"}${isNewest ? "." : html`; the file has changed
        since. Marked lines are others now. <button type="button" class="link"
        onClick=${() => setQuery({ since: newest.since })}>Show the newest</button>`}</span></p>`;
  }
  return html`<p class="version-note differs"><${Icon} name="warning" size=${14} /><span>Run
    ${" "}${link}${" "}ran another version. <button type="button" class="link"
    onClick=${() => setQuery({ since: ran })}>Show that one</button></span></p>`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("The source is copied.");
  } catch {
    toast(new Error("The browser does not let this page copy."));
  }
}

export default function Code({ dagId, query }) {
  const run = useRun(dagId, query.run);
  const ranIn = (newest) => (run && newest
    ? versionAt(newest.versions, toMs(run.start_date)) : null);
  const { newest, shown, error, reload } = useVersions(dagId,
    (data) => query.since ?? (query.run ? ranIn(data) : null));
  const changed = useMemo(() => (shown && newest && shown !== newest
    ? changedLines(shown.source, newest.source) : null), [shown, newest]);
  if (error) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!shown || run === undefined) return html`<${Loading} rows=${10} />`;
  const ran = ranIn(newest);
  return html`<section class="dag-view panel code-panel"><div class="panel-head">
      <span class="mono">${shown.file}</span><span class="spring"></span>
      <${VersionChoice} versions=${newest.versions} shown=${shown.since} ran=${ran} run=${run} />
      <button type="button" class="button small" onClick=${() => copy(shown.source)}>
        <${Icon} name="copy" size=${14} />Copy</button></div>
    <${Relation} newest=${newest} shown=${shown} ran=${ran} run=${run} dagId=${dagId} />
    ${shown.source === "" ? html`<${EmptyNote} title="There is no text to show">The file is no plain
      text, or was empty.</${EmptyNote}>`
      : html`<${CodeView} source=${shown.source} changed=${changed} />`}</section>`;
}

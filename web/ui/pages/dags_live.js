// The DAGs of the list, kept up to date: what an event says is shown at once; counts, which it does
// not say, are asked for, only those of DAGs that changed, and less often the longer that takes.
import { get } from "../lib/api.js";
import { useCallback, useEffect, useRef, useState } from "../lib/html.js";
import { useChanges } from "../lib/live.js";

const RUNS_SHOWN = 14;
const PAUSE_MS_MIN = 250;
const PAUSE_PER_ANSWER = 5;  // times as long as the last answer took
const ASKED_MAX = 50;  // more changed DAGs than these: all are asked for

const WATCHED = ["dag", "dag_run", "task_instance"];

function withRun(dag, change) {
  const place = dag.runs.findIndex((run) => run.run_id === change.run_id);
  let runs = dag.runs;
  if (change.op === "delete") {
    runs = runs.filter((run) => run.run_id !== change.run_id);
  } else {
    const { run_id, state, start_date, end_date } = change;
    const run = { ...runs[place], run_id, state, start_date, end_date,
      run_type: change.run_type ?? runs[place]?.run_type,
      logical_date: change.logical_date ?? runs[place]?.logical_date };
    runs = place >= 0 ? runs.with(place, run) : [...runs, run].slice(-RUNS_SHOWN);
  }
  return { ...dag, runs };
}

function applied(dags, changes) {
  const byId = new Map(dags.map((dag) => [dag.dag_id, dag]));
  for (const change of changes) {
    const dag = byId.get(change.dag_id);
    if (!dag) continue;
    if (change.table === "dag_run") byId.set(dag.dag_id, withRun(dag, change));
    if (change.table === "dag" && typeof change.is_paused === "boolean") {
      byId.set(dag.dag_id, { ...dag, is_paused: change.is_paused, is_active: change.is_active });
    }
  }
  return [...byId.values()];
}

// Asks for what changed, one request at a time.
class Refresher {
  constructor(take, fail) {
    this.take = take;
    this.fail = fail;
    this.waiting = new Set();
    this.all = false;
    this.timer = null;
    this.isBusy = false;
    this.pauseMs = 0;
  }

  want(dagIds) {
    if (dagIds === null) this.all = true;
    else for (const id of dagIds) this.waiting.add(id);
    this.plan();
  }

  plan() {
    if (this.isBusy || this.timer || !(this.all || this.waiting.size > 0)) return;
    this.timer = setTimeout(() => this.ask(), this.pauseMs);
  }

  async ask() {
    const ids = this.all || this.waiting.size > ASKED_MAX ? null : [...this.waiting];
    this.all = false;
    this.waiting.clear();
    this.timer = null;
    this.isBusy = true;
    const start = performance.now();
    try {
      this.take((await get("/ui/dags", { dag_id: ids })).dags, ids);
    } catch (error) {
      this.fail(error);
    }
    this.pauseMs = Math.max(PAUSE_MS_MIN, PAUSE_PER_ANSWER * (performance.now() - start));
    this.isBusy = false;
    this.plan();
  }

  stop() {
    clearTimeout(this.timer);
    this.take = () => {};
    this.fail = () => {};
  }
}

function merged(before, dags, ids) {
  if (ids === null || !before) return dags;
  const fresh = new Map(dags.map((dag) => [dag.dag_id, dag]));
  const gone = new Set(ids.filter((id) => !fresh.has(id)));
  const known = new Set(before.map((dag) => dag.dag_id));
  return [...before.filter((dag) => !gone.has(dag.dag_id))
    .map((dag) => fresh.get(dag.dag_id) ?? dag),
  ...dags.filter((dag) => !known.has(dag.dag_id))];
}

// {dags (undefined until they are there), error, reload, change(dag_id, fields)}
export function useDags() {
  const [state, setState] = useState({ dags: undefined, error: null });
  const refresher = useRef(null);
  useEffect(() => {
    const mine = new Refresher(
      (dags, ids) => setState((before) => ({ dags: merged(before.dags, dags, ids), error: null })),
      (error) => setState((before) => ({ ...before, error })));
    refresher.current = mine;
    mine.want(null);
    return () => mine.stop();
  }, []);
  useChanges((change) => WATCHED.includes(change.table), (changes, { reset }) => {
    if (reset) return refresher.current.want(null);
    if (changes.some((change) => change.table !== "task_instance")) {
      setState((before) => (before.dags
        ? { ...before, dags: applied(before.dags, changes) } : before));
    }
    return refresher.current.want(new Set(changes.map((change) => change.dag_id)));
  });
  const reload = useCallback(() => refresher.current.want(null), []);
  const change = useCallback((dagId, fields) => setState((before) => ({ ...before,
    dags: before.dags.map((dag) => (dag.dag_id === dagId ? { ...dag, ...fields } : dag)) })), []);
  return { ...state, reload, change };
}

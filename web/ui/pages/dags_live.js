// The DAGs of the list, kept up to date: what an event says is shown at once; counts and next runs,
// which it does not say, are asked for, less often the longer that takes.
import { get } from "../lib/api.js";
import { useCallback, useEffect, useRef, useState } from "../lib/html.js";
import { useChanges } from "../lib/live.js";

const RUNS_SHOWN = 14;
const REST_MS_MIN = 250;
const REST_PER_ANSWER = 5;  // times as long as the answer took

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

// Asks for the list, one request at a time, and rests after each: the longer it took, the longer.
class Refresher {
  constructor(take, fail) {
    this.take = take;
    this.fail = fail;
    this.isWanted = false;
    this.isBusy = false;
    this.isOver = false;
  }

  async want() {
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWanted && !this.isOver) {
      this.isWanted = false;
      const start = performance.now();
      await this.ask();
      const rest = Math.max(REST_MS_MIN, REST_PER_ANSWER * (performance.now() - start));
      await new Promise((resolve) => { setTimeout(resolve, rest); });
    }
    this.isBusy = false;
  }

  async ask() {
    try {
      const { dags } = await get("/ui/dags");
      if (!this.isOver) this.take(dags);
    } catch (error) {
      if (!this.isOver) this.fail(error);
    }
  }
}

// {dags (undefined until they are there), error, reload, change(dag_id, fields)}
export function useDags() {
  const [state, setState] = useState({ dags: undefined, error: null });
  const refresher = useRef(null);
  useEffect(() => {
    const mine = new Refresher((dags) => setState({ dags, error: null }),
      (error) => setState((before) => ({ ...before, error })));
    refresher.current = mine;
    mine.want();
    return () => { mine.isOver = true; };
  }, []);
  useChanges((change) => WATCHED.includes(change.table), (changes, { reset }) => {
    if (!reset && changes.some((change) => change.table !== "task_instance")) {
      setState((before) => (before.dags
        ? { ...before, dags: applied(before.dags, changes) } : before));
    }
    refresher.current.want();
  });
  const reload = useCallback(() => refresher.current.want(), []);
  const change = useCallback((dagId, fields) => setState((before) => ({ ...before,
    dags: before.dags.map((dag) => (dag.dag_id === dagId ? { ...dag, ...fields } : dag)) })), []);
  return { ...state, reload, change };
}

// The grid of a DAG for its views, kept up to date by the event stream.
import { get } from "../../lib/api.js";
import { useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { toMs } from "../../lib/time.js";
import { GridData } from "./grid_data.js";
import { gridRequest } from "./requests.js";

const PAUSE_MS_MIN = 100;
const PAUSE_PER_ANSWER = 3;

function acceptsOf({ before, run_type, state }) {
  return (run) => !(before && toMs(run.logical_date) >= toMs(before))
    && !(run_type && run.run_type !== run_type) && !(state && run.state !== state);
}

// Asks for single runs, one after the other, and less often the longer an answer takes.
class RunRefresher {
  constructor(ask, take) {
    this.ask = ask;
    this.take = take;
    this.waiting = new Set();
    this.isBusy = false;
  }

  want(runIds) {
    for (const runId of runIds) this.waiting.add(runId);
    if (!this.isBusy) this.work();
  }

  async work() {
    this.isBusy = true;
    while (this.waiting.size > 0 && !this.isOver) {
      const [runId] = this.waiting;
      this.waiting.delete(runId);
      const start = performance.now();
      try {
        const answer = await this.ask(runId);
        if (!this.isOver) this.take(answer);
      } catch {
        // The next change of this run asks again; the live mark tells that the server is away.
      }
      const pause = Math.max(PAUSE_MS_MIN, PAUSE_PER_ANSWER * (performance.now() - start));
      await new Promise((resolve) => { setTimeout(resolve, pause); });
    }
    this.isBusy = false;
  }
}

// The grid that an answer of the server makes with the structure that is there by then.
function useGridData(answer, structure) {
  const made = useRef({});
  if (answer && structure && made.current.answer !== answer) {
    made.current = { answer, grid: new GridData(answer, structure) };
  }
  return answer ? made.current.grid ?? null : null;
}

// structure may come later. options: {runs, before, run_type, state}. Returns {grid (GridData,
// changed in place; null until it is there), version, error, reload}.
export function useGrid(dagId, structure, options) {
  const { data, error, reload } = useLoad(
    (signal) => get(...gridRequest(dagId, options), { signal }), [dagId, JSON.stringify(options)]);
  const grid = useGridData(data, structure);
  const [version, setVersion] = useState(0);
  const draw = () => setVersion((before) => before + 1);
  useEffect(() => {
    if (grid && grid.structure !== structure) reload();
  }, [structure]);
  // Made with the grid: changes may come before the effects of its first drawing run.
  const refresher = useMemo(() => {
    if (!grid) return null;
    const [address] = gridRequest(dagId, options);
    const mine = new RunRefresher((run_id) => get(address, { run_id }), (answer) => {
      grid.replaceRun(answer);
      draw();
    });
    grid.refresh = (runId) => mine.want([runId]);
    return mine;
  }, [grid]);
  useEffect(() => () => { if (refresher) refresher.isOver = true; }, [refresher]);
  useChanges({ dag_id: dagId, table: ["dag_run", "task_instance"] }, (changes, { reset }) => {
    if (reset || !grid) return reload();
    refresher.want(grid.apply(changes, acceptsOf(options)));
    return draw();
  });
  return { grid, version, error, reload };
}

// What a page loads: useLoad((signal) => get(...), [what it depends on]).
import { useCallback, useEffect, useRef, useState } from "./html.js";
import { liveState } from "./live.js";

const EMPTY = { data: undefined, error: null, loading: true };

// {data, error, loading, reload}. While something is loaded again, what was there stays; when a
// dependency is another value, it goes. reload() returns a promise, and runs once more where it is
// called while it runs; setData(f) changes what is there.
export function useLoad(load, dependencies) {
  const [state, setState] = useState(EMPTY);
  const current = useRef({ stop: null, again: false });
  const newest = useRef(load);
  newest.current = load;

  const reload = useCallback(async () => {
    const mine = current.current;
    if (mine.stop) {
      mine.again = true;
      return mine.running;
    }
    mine.running = runLoads(mine, newest, setState);
    return mine.running;
  }, []);

  useEffect(() => {
    current.current = { stop: null, again: false };
    setState((before) => (before === EMPTY ? before : { ...EMPTY }));
    reload();
    return () => {
      current.current.isOver = true;
      current.current.stop?.abort();
    };
  }, dependencies);

  // What failed while the server was away is asked for again when it is back.
  const hasFailed = state.error?.status === 0;
  useEffect(() => (hasFailed
    ? liveState.listen((now) => { if (now === "live") reload(); }) : undefined), [hasFailed]);

  const setData = useCallback((change) => setState(
    (before) => ({ ...before, data: change(before.data) })), []);
  return { ...state, reload, setData };
}

async function runLoads(mine, newest, setState) {
  do {
    mine.again = false;
    mine.stop = new AbortController();
    setState((before) => (before.loading ? before : { ...before, loading: true }));
    let next;
    try {
      const data = await newest.current(mine.stop.signal);
      next = () => ({ data, error: null, loading: false });
    } catch (error) {
      next = (before) => ({ ...before, error, loading: false });
    }
    if (mine.isOver) return;
    setState(next);
  } while (mine.again);
  mine.stop = null;
}

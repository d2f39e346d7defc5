// Changes of the event stream for views that load anew with each: the first one at once, those that
// follow it closely together, so that a busy engine is not asked more than some times a second.

import { useEffect, useRef } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";

const REST_MS = 50;  // at least, between the end of one load and the next
const REST_FACTOR = 2;  // and at least so many times as long as the load took

// filter as of useChanges(); reload() returns a promise.
export function useSteadyChanges(filter, reload) {
  const state = useRef({ isBusy: false, again: false, isOver: false });
  const newest = useRef(reload);
  newest.current = reload;
  const run = async () => {
    const mine = state.current;
    if (mine.isBusy) {
      mine.again = true;
      return;
    }
    mine.isBusy = true;
    do {
      mine.again = false;
      const start = performance.now();
      await newest.current();
      const rest = Math.max(REST_MS, REST_FACTOR * (performance.now() - start));
      await new Promise((resolve) => setTimeout(resolve, rest));
    } while (mine.again && !mine.isOver);
    mine.isBusy = false;
  };
  useChanges(filter, run);
  useEffect(() => () => { state.current.isOver = true; }, []);
}

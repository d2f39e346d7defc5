// Components that are loaded when they are first shown.
import { useEffect, useState } from "./html.js";

const loaded = new Map();

// load: () => import(...), always the same function. {View (its default export), error}
export function useLazy(load) {
  const [error, setError] = useState(null);
  const [, draw] = useState(0);
  useEffect(() => {
    setError(null);
    if (!load || loaded.has(load)) return undefined;
    let isOver = false;
    load().then((module) => {
      loaded.set(load, module.default);
      if (!isOver) draw((times) => times + 1);
    }, (problem) => { if (!isOver) setError(problem); });
    return () => { isOver = true; };
  }, [load]);
  return { View: load ? loaded.get(load) : undefined, error };
}

// In which order the list shows DAGs. A sort is "name" or "-name", descending.
import { toMs } from "../lib/time.js";

const UNPAUSED_FIRST = (dag) => (dag.is_paused ? 1 : 0);

const KEYS = {
  name: (dag) => dag.display_name.toLowerCase(),
  paused: UNPAUSED_FIRST,
  owner: (dag) => dag.owners.join(",").toLowerCase() || null,
  schedule: (dag) => (dag.schedule === "None" ? null : dag.schedule),
  next: (dag) => (dag.is_paused ? null : toMs(dag.next_run)),
  last: (dag) => toMs(dag.runs.at(-1)?.start_date ?? dag.runs.at(-1)?.logical_date),
};

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);  // what has none comes last
  if (typeof a === "number") return a - b;
  return a < b ? -1 : Number(a > b);
}

export function sortDags(dags, sort) {
  const isDescending = sort.startsWith("-");
  const key = KEYS[sort.replace(/^-/, "")] ?? KEYS.name;
  const keyed = dags.map((dag) => [key(dag), dag]);
  keyed.sort(([a, one], [b, other]) => {
    const order = compare(a, b);
    const signed = isDescending && a !== null && b !== null ? -order : order;
    return signed || compare(KEYS.name(one), KEYS.name(other));
  });
  return keyed.map(([, dag]) => dag);
}

// Which groups of a DAG are unfolded; remembered for each DAG.
import { useCallback, useMemo, useState } from "../../lib/html.js";

const OPEN_TASKS_MAX = 60;  // of a DAG whose groups are open at first

function read(dagId, structure) {
  try {
    const stored = JSON.parse(localStorage.getItem(`groups ${dagId}`));
    if (Array.isArray(stored)) return stored.filter((id) => structure.groups.has(id));
  } catch {
    // What another version has stored is as good as nothing.
  }
  return structure.tasks.size <= OPEN_TASKS_MAX ? [...structure.groups.keys()] : [];
}

// {open: Set of group ids, toggle(id), setAll(isOpen)}
export function useOpenGroups(structure) {
  const { dag_id: dagId } = structure.data;
  const [ids, setIds] = useState(() => read(dagId, structure));
  const keep = (next) => {
    localStorage.setItem(`groups ${dagId}`, JSON.stringify(next));
    return next;
  };
  const open = useMemo(() => new Set(ids), [ids]);
  const toggle = useCallback((id) => setIds((before) => keep(before.includes(id)
    ? before.filter((one) => one !== id) : [...before, id])), [dagId]);
  const setAll = useCallback((isOpen) => setIds(
    keep(isOpen ? [...structure.groups.keys()] : [])), [structure]);
  return { open, toggle, setAll };
}

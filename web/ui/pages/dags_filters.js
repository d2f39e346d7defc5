// Which DAGs the list shows. The choice stands in the address, so that it can be sent to others.
import { classes, html, useEffect, useMemo, useRef, useState } from "../lib/html.js";
import { setQuery } from "../lib/router.js";
import { Icon } from "../components/icons.js";
import { Menu } from "../components/menu.js";

const TAGS_SHOWN = 12;

const SHOWS = {
  all: ["All", (dag) => dag.is_active],
  active: ["Active", (dag) => dag.is_active && !dag.is_paused],
  paused: ["Paused", (dag) => dag.is_active && dag.is_paused],
  running: ["Running", (dag) => (dag.run_states.running ?? 0) + (dag.run_states.queued ?? 0) > 0],
  failed: ["Failed", (dag) => dag.runs.at(-1)?.state === "failed"],
};
const INACTIVE = ["Gone", (dag) => !dag.is_active];

export function filtersOf(query) {
  return {
    text: query.q ?? "",
    tags: query.tag ? query.tag.split(",") : [],
    show: query.show in SHOWS || query.show === "gone" ? query.show : "all",
    sort: query.sort ?? "name",
  };
}

function ofShow(show) {
  return (SHOWS[show] ?? INACTIVE)[1];
}

export function isShown(dag, { text, tags, show }) {
  if (!ofShow(show)(dag) || !tags.every((tag) => dag.tags.includes(tag))) return false;
  if (!text) return true;
  const all = [dag.dag_id, dag.display_name, dag.description ?? "", ...dag.owners].join("\n")
    .toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

function Shows({ dags, show }) {
  const counts = useMemo(() => Object.entries(SHOWS).map(
    ([id, [label, is]]) => [id, label, dags.filter(is).length]), [dags]);
  const gone = dags.filter(INACTIVE[1]).length;
  const all = gone > 0 || show === "gone" ? [...counts, ["gone", INACTIVE[0], gone]] : counts;
  return html`<div class="segments" role="group" aria-label="Which DAGs">
    ${all.map(([id, label, count]) => html`<button key=${id} type="button"
      aria-pressed=${id === show ? "true" : "false"}
      onClick=${() => setQuery({ show: id === "all" ? null : id })}>${label}
      <span class="count">${count}</span></button>`)}</div>`;
}

function Tags({ dags, chosen }) {
  const all = useMemo(() => {
    const counts = new Map();
    for (const tag of dags.flatMap((dag) => dag.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([tag]) => tag);
  }, [dags]);
  if (all.length === 0) return null;
  const toggle = (tag) => setQuery({ tag: (chosen.includes(tag)
    ? chosen.filter((one) => one !== tag) : [...chosen, tag]).join(",") });
  const shown = all.filter((tag, place) => place < TAGS_SHOWN || chosen.includes(tag));
  const rest = all.filter((tag) => !shown.includes(tag));
  return html`<div class="tag-filter" role="group" aria-label="Tags">
    ${shown.map((tag) => html`<button key=${tag} type="button" class="tag"
      aria-pressed=${chosen.includes(tag) ? "true" : "false"}
      onClick=${() => toggle(tag)}>${tag}</button>`)}
    ${rest.length === 0 ? null : html`<${Menu} label="More tags" className="tag"
      items=${rest.map((tag) => ({ label: tag, onClick: () => toggle(tag) }))}>
      ${rest.length} more</${Menu}>`}</div>`;
}

function SearchField({ text }) {
  const [typed, setTyped] = useState(text);
  const input = useRef(null);
  useEffect(() => {
    if (document.activeElement !== input.current) setTyped(text);
  }, [text]);
  const change = (event) => {
    setTyped(event.target.value);
    setQuery({ q: event.target.value.trim() });
  };
  return html`<label class="filter"><${Icon} name="search" size=${14} />
    <input ref=${input} type="search" placeholder="Name, description, owner" value=${typed}
      aria-label="Filter DAGs" onInput=${change} /></label>`;
}

export function DagFilters({ dags, filters }) {
  return html`<div class=${classes("table-tools", "dag-filters")}>
    <${Shows} dags=${dags} show=${filters.show} />
    <${SearchField} text=${filters.text} />
    <${Tags} dags=${dags} chosen=${filters.tags} /></div>`;
}

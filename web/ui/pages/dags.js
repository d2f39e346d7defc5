// The list of DAGs: what runs, what failed, what comes next, and the switches that people use most.
import { get } from "../lib/api.js";
import { html, useEffect, useMemo } from "../lib/html.js";
import { useLoad } from "../lib/load.js";
import { setQuery } from "../lib/router.js";
import { EmptyNote, ErrorBox, Loading } from "../components/notes.js";
import { ImportErrors } from "./dags_import_errors.js";
import { DagFilters, filtersOf, isShown } from "./dags_filters.js";
import { sortDags } from "./dags_order.js";
import { DagTable } from "./dags_table.js";
import { useDags } from "./dags_live.js";

function Nothing({ isEmpty }) {
  if (isEmpty) {
    return html`<${EmptyNote} title="No DAGs yet">Put a Python file that defines a DAG into the
      DAGs folder; it appears here at once.</${EmptyNote}>`;
  }
  return html`<${EmptyNote} title="No DAG matches">
    <button type="button" class="link" onClick=${() => setQuery(
      { q: null, tag: null, show: null })}>Show all</button></${EmptyNote}>`;
}

export default function DagsPage({ query }) {
  const { dags, error, reload, change } = useDags();
  const filters = useMemo(() => filtersOf(query), [query]);
  const shown = useMemo(() => sortDags((dags ?? []).filter((dag) => isShown(dag, filters)),
    filters.sort), [dags, filters]);
  const errors = useLoad((signal) => get("/importErrors", { limit: 100 }, { signal }), []);
  useEffect(() => { document.title = "DAGs – Beeflow"; }, []);
  return html`<div class="page-head"><h1>DAGs</h1>
      ${dags ? html`<span class="muted" role="status">${shown.length === dags.length
        ? dags.length : `${shown.length} of ${dags.length}`}</span>` : null}</div>
    <${ImportErrors} errors=${errors} />
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${dags ? html`<${DagFilters} dags=${dags} filters=${filters} />` : null}
    ${!dags && !error ? html`<${Loading} rows=${8} />` : null}
    ${dags && shown.length > 0 ? html`<${DagTable} dags=${shown} sort=${filters.sort}
      change=${change} />` : null}
    ${dags && shown.length === 0 ? html`<${Nothing} isEmpty=${dags.length === 0} />` : null}`;
}

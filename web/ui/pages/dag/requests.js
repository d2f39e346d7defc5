// What the page of a DAG asks the server for first: addresses and parameters for lib/api.js.
import { path } from "../../lib/path.js";
import { VIEWS, viewName } from "./views.js";

export const dagRequest = (dagId) => [path`/dags/${dagId}`, {}];

export const structureRequest = (dagId) => [path`/ui/dags/${dagId}/structure`, {}];

export const gridRequest = (dagId, { runs, before, run_type, state }) =>
  [path`/ui/dags/${dagId}/grid`, { runs, before, run_type, state }];

export function dagRequests({ dag_id, tab }, query) {
  const grid = VIEWS[viewName({ tab })].needsGrid ? [gridRequest(dag_id, query)] : [];
  return [...grid, structureRequest(dag_id), dagRequest(dag_id)];
}

// The beginning: the routes; then at once, side by side, what takes time: the modules of the page,
// the stream of changes, who is signed in, and what the page will ask the server for.
import { askAhead } from "./lib/api.js";
import { connect, connected } from "./lib/live.js";
import { pageRequests, preloadPage, setRoutes } from "./lib/router.js";
import { loadSession } from "./lib/session.js";
import { dagRequests } from "./pages/dag/requests.js";
import { VIEWS, viewName } from "./pages/dag/views.js";

const STREAM_PATIENCE_MS = 60;

const dags = () => import("./pages/dags.js");
const dagsRequests = () => [["/ui/dags"]];
const dag = () => import("./pages/dag/page.js");
const view = (fields) => VIEWS[viewName(fields)].load();
const task = () => import("./pages/task/page.js");

// Each module's default export is the page; it gets {route, path, fields, query} of lib/router.js.
// What it will import itself is loaded along with it by `also`, and what it will ask the server for
// is asked ahead by `requests`.
setRoutes([
  { path: "/", load: dags, requests: dagsRequests },
  { path: "/dags", load: dags, requests: dagsRequests },
  { path: "/dags/{dag_id}", load: dag, also: view, requests: dagRequests },
  { path: "/dags/{dag_id}/{tab}", load: dag, also: view, requests: dagRequests },
  { path: "/dags/{dag_id}/runs/{run_id}", load: () => import("./pages/run.js") },
  { path: "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}", load: task },
  { path: "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/{map_index}", load: task },
  { path: "/environments", load: () => import("./pages/admin/environments.js") },
  { path: "/pools", load: () => import("./pages/admin/pools.js") },
  { path: "/variables", load: () => import("./pages/admin/variables.js") },
  { path: "/connections", load: () => import("./pages/admin/connections.js") },
  { path: "/datasets", load: () => import("./pages/admin/datasets.js") },
  { path: "/users", load: () => import("./pages/admin/users.js") },
  { path: "/users/{tab}", load: () => import("./pages/admin/users.js") },
  { path: "/tokens", load: () => import("./pages/admin/tokens.js") },
  { path: "/audit", load: () => import("./pages/admin/audit.js") },
  { path: "/errors", load: () => import("./pages/admin/errors.js") },
  { path: "/login", load: () => import("./pages/admin/login.js") },
]);

preloadPage();
connect();
const shell = import("./shell.js");
const [session] = await Promise.all([loadSession(), connected(STREAM_PATIENCE_MS)]);
if (session.is_signed_in || !session.must_sign_in) {
  for (const request of pageRequests()) askAhead(...request);
}
(await shell).show();

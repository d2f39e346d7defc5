// The shell: loads who is signed in, opens the event stream, and shows the page of the address.
import { Header } from "./components/header.js";
import { EmptyNote, ErrorBox, Loading, Toasts } from "./components/notes.js";
import { html, render, useEffect, useErrorBoundary } from "./lib/html.js";
import { useLazy } from "./lib/lazy.js";
import { connect, connected } from "./lib/live.js";
import { withQuery } from "./lib/path.js";
import { navigate, preloadPage, setRoutes, useRoute } from "./lib/router.js";
import { loadSession, useSession } from "./lib/session.js";
import { VIEWS, viewName } from "./pages/dag/views.js";

const STREAM_PATIENCE_MS = 60;

const dag = () => import("./pages/dag/page.js");
const view = (fields) => VIEWS[viewName(fields)].load();
const task = () => import("./pages/task/page.js");

// Each module's default export is the page; it gets {route, path, fields, query} of lib/router.js.
// What it will import itself is loaded along with it by `also`.
setRoutes([
  { path: "/", load: () => import("./pages/dags.js") },
  { path: "/dags", load: () => import("./pages/dags.js") },
  { path: "/dags/{dag_id}", load: dag, also: view },
  { path: "/dags/{dag_id}/{tab}", load: dag, also: view },
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

function Content({ here }) {
  const { View, error } = useLazy(here.route?.load);
  if (!here.route) {
    return html`<${EmptyNote} title="There is no such page">
      <a href="#/dags">All DAGs</a></${EmptyNote}>`;
  }
  if (error) return html`<${ErrorBox} title="The page could not be loaded" error=${error} />`;
  return View ? html`<${View} ...${here} />` : html`<${Loading} />`;
}

// A page that fails leaves the rest usable.
function Guarded({ here }) {
  const [error, again] = useErrorBoundary();
  useEffect(() => { if (error) console.error(error); }, [error]);
  if (error) return html`<${ErrorBox} title="This page failed" error=${error} onRetry=${again} />`;
  return html`<${Content} here=${here} />`;
}

function App() {
  const here = useRoute();
  const session = useSession();
  const isLogin = here.path === "/login";
  const mustSignIn = session.must_sign_in && !session.is_signed_in;
  useEffect(() => {
    if (mustSignIn && !isLogin) {
      navigate(withQuery("/login", { next: location.hash.slice(1) }), { replace: true });
    }
  }, [mustSignIn, isLogin]);
  return html`<a class="skip-link" href="#content" onClick=${(event) => {
    event.preventDefault();
    document.getElementById("content").focus();
  }}>Skip to the content</a>
    ${isLogin ? null : html`<${Header} path=${here.path} />`}
    <main id="content" tabindex="-1">
      ${mustSignIn && !isLogin ? null
        : html`<${Guarded} key=${here.route?.load} here=${here} />`}</main>
    <${Toasts} />`;
}

preloadPage();
connect();
await Promise.all([loadSession(), connected(STREAM_PATIENCE_MS)]);
const app = document.getElementById("app");
app.replaceChildren();  // the head that index.html shows meanwhile
render(html`<${App} />`, app);

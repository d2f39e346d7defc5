// What is around every page, and the page of the address in it.
import { Header } from "./components/header.js";
import { EmptyNote, ErrorBox, Loading, Toasts } from "./components/notes.js";
import { html, render, useEffect, useErrorBoundary } from "./lib/html.js";
import { useLazy } from "./lib/lazy.js";
import { withQuery } from "./lib/path.js";
import { navigate, useRoute } from "./lib/router.js";
import { useSession } from "./lib/session.js";

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

export function show() {
  const app = document.getElementById("app");
  app.replaceChildren();  // the head that index.html shows meanwhile
  render(html`<${App} />`, app);
}

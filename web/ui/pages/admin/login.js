// Signing in. The page says what the server says: a wrong password, or too many attempts.

import { html, useEffect, useState } from "../../lib/html.js";
import { Logo } from "../../components/icons.js";
import { ErrorBox } from "../../components/notes.js";
import { connect } from "../../lib/live.js";
import { navigate } from "../../lib/router.js";
import { session, signIn } from "../../lib/session.js";

// Only places within this UI: an address of elsewhere, smuggled into a link, is not followed.
function placeAfter(next) {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/login") ? next
    : "/dags";
}

function errorTitle({ status }) {
  if (status === 429) return "Too many attempts";
  return status === 401 ? "That did not work" : "Signing in failed";
}

export default function LoginPage({ query }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const name = session.value?.instance_name || "Beeflow";
  useEffect(() => { document.title = `Sign in – ${name}`; }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(username, password);
      navigate(placeAfter(query.next), { replace: true });
      connect();
    } catch (problem) {
      setError(problem);
      setPassword("");
      setBusy(false);
      document.getElementById("password").focus();
    }
  };
  return html`<div class="login"><form class="panel login-panel" onSubmit=${submit}>
    <h1><${Logo} size=${28} /> ${name}</h1>
    <label class="field"><span>User name</span><input type="text" autocomplete="username"
      autocapitalize="none" spellcheck=${false} required autofocus value=${username}
      onInput=${(event) => setUsername(event.target.value)} /></label>
    <label class="field"><span>Password</span><input type="password" id="password" required
      autocomplete="current-password" value=${password}
      onInput=${(event) => setPassword(event.target.value)} /></label>
    ${error ? html`<${ErrorBox} error=${error} title=${errorTitle(error)} />` : null}
    <button type="submit" class="button primary" disabled=${isBusy}>Sign in</button>
    <p class="muted">Forgotten the password? Someone with the shell of the server can set a new one:
      ${" "}<code>beeflow users reset-password</code>.</p></form></div>`;
}

import { classes, html, useEffect, useState } from "../lib/html.js";
import { Signal, useSignal } from "../lib/signal.js";
import { Icon } from "./icons.js";

const TOAST_MS = 5000;
const TOASTS_MAX = 4;

// What went wrong, and a way to try again.
export function ErrorBox({ error, title, onRetry }) {
  if (!error) return null;
  const heading = title ?? (error.status === 403 ? "You may not see this" : error.title);
  const text = error.detail || error.message || String(error);
  return html`<div class="error-box" role="alert">
    <${Icon} name="warning" />
    <div>${heading && heading !== text ? html`<b>${heading}</b>` : null}<p>${text}</p></div>
    ${onRetry ? html`<button class="button small" type="button" onClick=${onRetry}>
      Try again</button>` : null}
  </div>`;
}

// Where a list has nothing to show: what would be here, and how it gets here.
export function EmptyNote({ title, children, icon = "info" }) {
  return html`<div class="empty-note"><${Icon} name=${icon} size=${28} />
    <b>${title}</b>${children ? html`<p>${children}</p>` : null}</div>`;
}

// Grey bars in place of what is being loaded; they come after a moment, so that quick answers
// never flicker.
export function Loading({ rows = 4 }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return html`<div class="loading" role="status" aria-busy="true"></div>`;
  return html`<div class="loading" role="status" aria-busy="true" aria-label="Loading">
    ${Array.from({ length: rows }, (_, place) => html`<i key=${place}></i>`)}</div>`;
}

const toasts = new Signal([]);
let lastToast = 0;

function dismiss(id) {
  toasts.set(toasts.value.filter((toast) => toast.id !== id));
}

// Tells for some seconds that something was done, or (an Error) that it failed.
export function toast(what) {
  const id = ++lastToast;
  const isError = what instanceof Error;
  const text = isError ? what.detail || what.message : what;
  toasts.set([...toasts.value, { id, text, isError }].slice(-TOASTS_MAX));
  if (!isError) setTimeout(() => dismiss(id), TOAST_MS);
}

// The toasts that are shown; once, in the shell.
export function Toasts() {
  const shown = useSignal(toasts);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${shown.map(({ id, text, isError }) => html`
      <div key=${id} class=${classes("toast", isError && "bad")}>
        <${Icon} name=${isError ? "warning" : "check"} /><span>${text}</span>
        <button class="icon-button" type="button" aria-label="Dismiss"
          onClick=${() => dismiss(id)}><${Icon} name="close" size=${14} /></button>
      </div>`)}
  </div>`;
}

import { classes, html, useEffect, useRef, useState } from "../lib/html.js";
import { ErrorBox } from "./notes.js";
import { Icon } from "./icons.js";

// A modal window. The browser's own <dialog> keeps the focus inside, closes on Esc, and gives the
// focus back. onClose is called when it should go; `side` puts it at the edge, for long content.
export function Dialog({ title, onClose, children, wide = false, actions }) {
  const window_ = useRef(null);
  useEffect(() => {
    window_.current.showModal();
    window_.current.querySelector("[data-autofocus]")?.focus();
  }, []);
  const cancel = (event) => {
    if (event.target !== window_.current) return;  // a nested one bubbles
    event.preventDefault();
    onClose();
  };
  const clicked = (event) => {
    if (event.target === window_.current) onClose();  // the backdrop
  };
  return html`<dialog ref=${window_} class=${classes("dialog", wide && "wide")}
    onCancel=${cancel} onMouseDown=${clicked} aria-label=${title}>
    <header class="dialog-head"><h2>${title}</h2>
      <button class="icon-button" type="button" aria-label="Close" onClick=${onClose}>
        <${Icon} name="close" /></button></header>
    <div class="dialog-body">${children}</div>
    ${actions ? html`<footer class="dialog-foot">${actions}</footer>` : null}
  </dialog>`;
}

// Asks before something is done. onConfirm may be async: while it runs the button waits, and what
// it throws is shown; then onClose is called.
export function Confirm({ title, children, confirm = "OK", danger = false, onConfirm, onClose,
  disabled = false, wide = false }) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const act = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const actions = html`
    <button type="button" class="button" onClick=${onClose}>Cancel</button>
    <button type="button" class=${classes("button", danger ? "danger" : "primary")}
      data-autofocus disabled=${isBusy || disabled} onClick=${act}>${confirm}</button>`;
  return html`<${Dialog} title=${title} onClose=${onClose} actions=${actions} wide=${wide}>
    ${children}
    ${error ? html`<${ErrorBox} error=${error} />` : null}
  </${Dialog}>`;
}

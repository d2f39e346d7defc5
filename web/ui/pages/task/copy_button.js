import { html } from "../../lib/html.js";
import { Icon } from "../../components/icons.js";
import { toast } from "../../components/notes.js";

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  } catch {
    toast(new Error("The browser does not let this page copy; select the text instead."));
  }
}

export function CopyButton({ text, label = "Copy" }) {
  return html`<button type="button" class="icon-button" title=${label} aria-label=${label}
    onClick=${() => copy(text)}><${Icon} name="copy" size=${14} /></button>`;
}

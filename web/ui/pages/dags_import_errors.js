// Files that could not be imported, above the list of DAGs.
import { html, useState } from "../lib/html.js";
import { useChanges } from "../lib/live.js";
import { Icon } from "../components/icons.js";
import { TimeText } from "../components/time_text.js";

function lastLine(text) {
  return text.trim().split("\n").at(-1);
}

function ImportError({ error }) {
  return html`<details class="import-error">
    <summary><span class="file mono">${error.filename}</span>
      <span class="what">${lastLine(error.stack_trace)}</span>
      <${TimeText} time=${error.timestamp} relative /></summary>
    <pre tabindex="0">${error.stack_trace}</pre></details>`;
}

// errors: what useLoad() of /importErrors returns.
export function ImportErrors({ errors }) {
  const [isOpen, setOpen] = useState(true);
  useChanges({ table: "import_error" }, errors.reload);
  const list = errors.data?.import_errors ?? [];
  if (list.length === 0) return null;
  const count = errors.data.total_entries;
  return html`<section class="import-errors" aria-label="Import errors">
    <button type="button" class="fold" aria-expanded=${isOpen ? "true" : "false"}
      onClick=${() => setOpen(!isOpen)}><${Icon} name="warning" />
      ${count === 1 ? "1 file could not be imported" : `${count} files could not be imported`}
      <${Icon} name=${isOpen ? "down" : "right"} size=${12} /></button>
    ${isOpen ? list.map((error) => html`<${ImportError} key=${error.import_error_id}
      error=${error} />`) : null}
    ${isOpen && count > list.length ? html`<a href="#/errors">All import errors</a>` : null}
  </section>`;
}

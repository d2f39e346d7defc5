// DAG files that cannot be imported, each with its traceback. Its frames within the file stand out.

import { html, useEffect } from "../../lib/html.js";
import { EmptyNote } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { useLoad } from "../../lib/load.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { CopyButton } from "../task/copy_button.js";
import { listAll, ListPage } from "./page_parts.js";

const FRAME = /^(\s*File ")(.+)(", line )(\d+)(.*)$/;

// The last line of the traceback says what is wrong.
function headline(trace) {
  const lines = trace.trim().split("\n");
  return lines[lines.length - 1];
}

// The line of the file itself that the traceback names last.
function lineIn(trace, file) {
  const lines = trace.split("\n").map((line) => FRAME.exec(line))
    .filter((match) => match && match[2] === file);
  return lines.length > 0 ? Number(lines.at(-1)[4]) : null;
}

function TraceLine({ line, file }) {
  const match = FRAME.exec(line);
  if (!match) {
    const isCode = /^ {4}/.test(line);
    return html`<span class=${isCode ? "trace-code" : ""}>${line}${"\n"}</span>`;
  }
  const isOwn = match[2] === file;
  return html`<span class=${isOwn ? "trace-frame own" : "trace-frame"}>${match[1]}${match[2]}${
    match[3]}<b>${match[4]}</b>${match[5]}${"\n"}</span>`;
}

function Traceback({ trace, file }) {
  const lines = trace.trimEnd().split("\n");
  return html`<pre class="trace" tabindex="0">${lines.map((line, place) => html`<${TraceLine}
    key=${place} line=${line} file=${file} />`)}</pre>`;
}

function ImportError({ error }) {
  const line = lineIn(error.stack_trace, error.filename);
  return html`<article class="traceback"><header>
      <div><h2>${headline(error.stack_trace)}</h2>
        <p class="muted"><code>${error.filename}${line ? `:${line}` : ""}</code>, since
          ${" "}<${TimeText} time=${error.timestamp} relative /></p></div>
      <span class="spring"></span>
      <${CopyButton} text=${error.stack_trace} label="Copy the traceback" /></header>
    <${Traceback} trace=${error.stack_trace} file=${error.filename} /></article>`;
}

export default function ErrorsPage() {
  const load = useLoad((signal) => listAll("/importErrors", "import_errors", { signal }), []);
  useSteadyChanges({ table: "import_error" }, load.reload);
  useEffect(() => { document.title = "Import errors"; }, []);
  return html`<${ListPage} title="Import errors" load=${load}
    intro="Files whose import failed. Their DAGs stay as they were when the import last succeeded;
      an error goes as soon as its file can be imported.">
    ${load.data?.length === 0 ? html`<${EmptyNote} icon="check"
      title="All DAG files can be imported" />` : null}
    ${load.data?.map((error) => html`<${ImportError} key=${error.import_error_id}
      error=${error} />`)}
  </${ListPage}>`;
}

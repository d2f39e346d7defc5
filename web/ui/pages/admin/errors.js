// DAG files that cannot be imported, each with its traceback and the lines it names.

import { html, useEffect, useState } from "../../lib/html.js";
import { CodeView, EmptyNote, TimeText } from "../../components/index.js";
import { getText } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { CopyButton } from "../task/copy_button.js";
import { listAll, ListPage } from "./page_parts.js";

const FRAME = /^(\s*File ")(.+)(", line )(\d+)(.*)$/;

// The last line of the traceback says what is wrong.
export function headline(trace) {
  const lines = trace.trim().split("\n");
  return lines[lines.length - 1];
}

// The line of the file itself that the traceback names last.
export function lineIn(trace, file) {
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

export function Traceback({ trace, file }) {
  const lines = trace.trimEnd().split("\n");
  return html`<pre class="trace" tabindex="0">${lines.map((line, place) => html`<${TraceLine}
    key=${place} line=${line} file=${file} />`)}</pre>`;
}

// The source as the server last read it, around the line that failed.
function Source({ error, line }) {
  const { data, error: problem } = useLoad((signal) => getText(
    path`/dagSources/${error.file_token ?? error.filename}`, undefined, { signal }),
  [error.filename, error.timestamp]);
  if (problem) return html`<p class="muted source-note">The source cannot be shown: ${
    problem.message}</p>`;
  return data === undefined ? null : html`<div class="error-source">
    <${CodeView} source=${data} line=${line} /></div>`;
}

function ImportError({ error }) {
  const [isOpen, setOpen] = useState(false);
  const line = lineIn(error.stack_trace, error.filename);
  return html`<article class="traceback"><header>
      <div><h3>${headline(error.stack_trace)}</h3>
        <p class="muted"><code>${error.filename}${line ? `:${line}` : ""}</code>, since
          ${" "}<${TimeText} time=${error.timestamp} relative /></p></div>
      <span class="spring"></span>
      <button type="button" class="button small" aria-expanded=${isOpen ? "true" : "false"}
        onClick=${() => setOpen(!isOpen)}>${isOpen ? "Hide the source" : "Show the source"}</button>
      <${CopyButton} text=${error.stack_trace} label="Copy the traceback" /></header>
    <${Traceback} trace=${error.stack_trace} file=${error.filename} />
    ${isOpen ? html`<${Source} error=${error} line=${line} />` : null}</article>`;
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

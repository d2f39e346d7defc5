// Variables. Their values stay covered until they are asked for.

import { html, useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { Confirm } from "../../components/dialog.js";
import { EmptyNote, ErrorBox, toast } from "../../components/notes.js";
import { patch, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { countText } from "../task/quantities.js";
import { FormDialog } from "./form_dialog.js";
import { ActionButton, DeleteDialog, listAll, ListPage, RowActions, may } from "./page_parts.js";

const RESOURCE = "Variables";
const COVER = "••••••••";
const MASK = "***";  // in place of what the server does not hand out

function isJson(text) {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function pretty(text) {
  return isJson(text) ? JSON.stringify(JSON.parse(text), null, 2) : text;
}

function Value({ value, isShown, toggle, name }) {
  if (value === MASK) {
    return html`<span class="muted" title="The name says that it is secret">hidden</span>`;
  }
  return html`<span class="covered"><button type="button" class="link"
    aria-label=${`${isShown ? "Cover" : "Reveal"} the value of ${name}`} onClick=${toggle}>
    ${isShown ? "Cover" : "Reveal"}</button>
    ${isShown ? html`<pre class="variable-value">${pretty(value ?? "")}</pre>`
      : html`<span class="muted" aria-hidden="true">${COVER}</span>`}</span>`;
}

function VariableForm({ variable, onSaved, onClose }) {
  const isMasked = variable?.value === MASK;
  const fields = [
    { name: "key", label: "Key", required: true, disabled: Boolean(variable) },
    { name: "value", label: "Value", type: "textarea", rows: 8, isCode: true,
      help: isMasked ? "The present value is not handed out. What you write replaces it; left "
        + "empty, it stays." : "Text, or JSON for var.json and deserialize_json." },
    { name: "description", label: "Description", type: "textarea", rows: 2 },
  ];
  const save = async ({ key, value, description }) => {
    const body = { key, value, description };
    if (!variable) await post("/variables", body);
    else if (isMasked && value === "") {
      await patch(path`/variables/${key}`, body, { update_mask: "description" });
    } else await patch(path`/variables/${key}`, body);
    toast(`Variable ${key} is saved.`);
    onSaved();
  };
  return html`<${FormDialog} title=${variable ? `Edit ${variable.key}` : "New variable"} wide
    fields=${fields} onSave=${save} onClose=${onClose}
    initial=${{ key: variable?.key ?? "", description: variable?.description ?? "",
      value: isMasked ? "" : pretty(variable?.value ?? "") }} />`;
}

// A file as `airflow variables export` writes it: {"key": value}, where a value with a description
// is {"value", "description"}.
function entriesOf(text) {
  const all = JSON.parse(text);
  if (all === null || typeof all !== "object" || Array.isArray(all)) {
    throw new Error("The file must hold one JSON object: {\"key\": value, ...}.");
  }
  return Object.entries(all).map(([key, given]) => {
    const isDescribed = given !== null && typeof given === "object" && "value" in given
      && Object.keys(given).every((name) => ["value", "description"].includes(name));
    const value = isDescribed ? given.value : given;
    return { key, description: isDescribed ? given.description ?? "" : "",
      value: typeof value === "string" ? value : JSON.stringify(value) };
  });
}

function ImportDialog({ entries, known, onDone, onClose }) {
  const [overwrites, setOverwrites] = useState(false);
  const there = entries.filter(({ key }) => known.has(key));
  const act = async () => {
    let count = 0;
    for (const entry of entries) {
      const isThere = known.has(entry.key);
      if (isThere && !overwrites) continue;
      if (isThere) await patch(path`/variables/${entry.key}`, entry);
      else await post("/variables", entry);
      ++count;
    }
    toast(`${countText(count, "variable")} imported.`);
    onDone();
  };
  return html`<${Confirm} title="Import variables" confirm="Import" onConfirm=${act}
    onClose=${onClose}><p>The file holds ${countText(entries.length, "variable")}${there.length > 0
      ? `, of which ${there.length} are there already` : ""}.</p>
    ${there.length > 0 ? html`<p><label class="check"><input type="checkbox" checked=${overwrites}
      onChange=${(event) => setOverwrites(event.target.checked)} /> Replace those</label></p>`
      : null}
  </${Confirm}>`;
}

function download(variables) {
  const all = Object.fromEntries(variables.map(({ key, value, description }) => {
    const parsed = isJson(value) ? JSON.parse(value) : value;
    return [key, description ? { value: parsed, description } : parsed];
  }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(all, null, 2)}\n`],
    { type: "application/json" }));
  link.download = "variables.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

function columnsFor({ open, shown, toggle }) {
  return [
    { id: "key", label: "Key", value: (row) => `${row.key} ${row.description ?? ""}`,
      cell: (row) => html`<b>${row.key}</b>${row.description
      ? html`<div class="muted">${row.description}</div>` : null}` },
    { id: "value", label: "Value", sortable: false, value: () => "", className: "value-cell",
      cell: (row) => html`<${Value} value=${row.value} name=${row.key}
        isShown=${shown.has(row.key)} toggle=${() => toggle(row.key)} />` },
    { id: "actions", label: "Actions", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<${RowActions} name=${row.key} resource=${RESOURCE}
        onEdit=${() => open({ variable: row })} onDelete=${() => open({ doomed: row.key })} />` },
  ];
}

function Toolbar({ variables, open }) {
  const input = useRef(null);
  const mayCreate = may("create", RESOURCE);
  const read = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    try {
      open({ entries: entriesOf(await file.text()) });
    } catch (error) {
      open({ problem: error });
    }
  };
  return html`<input type="file" accept="application/json,.json" hidden ref=${input}
      onChange=${read} aria-label="File with variables" />
    <${ActionButton} label="Import" isAllowed=${mayCreate} onClick=${() => input.current.click()} />
    <${ActionButton} icon="download" label="Export" onClick=${() => download(variables)}
      why=${variables.length === 0 ? "There is nothing to export." : ""} />
    <${ActionButton} icon="add" label="New variable" primary isAllowed=${mayCreate}
      onClick=${() => open({ variable: null })} />`;
}

export default function VariablesPage() {
  const load = useLoad((signal) => listAll("/variables", "variables", { signal }), []);
  const [opened, open] = useState(null);
  const [shown, setShown] = useState(new Set());
  useSteadyChanges({ table: "variable" }, load.reload);
  useEffect(() => { document.title = "Variables"; }, []);
  const toggle = (key) => setShown((before) => {
    const next = new Set(before);
    if (!next.delete(key)) next.add(key);
    return next;
  });
  const columns = useMemo(() => columnsFor({ open, shown, toggle }), [shown]);
  const known = useMemo(() => new Set((load.data ?? []).map(({ key }) => key)), [load.data]);
  const close = () => open(null);
  const all = { onDone: load.reload, onSaved: load.reload, onClose: close };
  return html`<${ListPage} title="Variables" load=${load}
    actions=${html`<${Toolbar} variables=${load.data ?? []} open=${open} />`}
    intro="Values that tasks look up by name while they run. They are stored encrypted where a key
      is set; those whose names sound secret are shown to those only who may change them.">
    ${opened?.problem ? html`<${ErrorBox} title="The file cannot be imported"
      error=${opened.problem} />` : null}
    <${DataTable} rows=${load.data} columns=${columns} rowKey=${(row) => row.key} label="Variables"
      initialSort=${{ id: "key" }} empty=${html`<${EmptyNote} title="No variables" />`} />
    ${opened?.variable !== undefined ? html`<${VariableForm} variable=${opened.variable}
      ...${all} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="Variable" name=${opened.doomed} ...${all}
      target=${path`/variables/${opened.doomed}`} warning="Tasks that look it up fail." />` : null}
    ${opened?.entries ? html`<${ImportDialog} entries=${opened.entries} known=${known} ...${all} />`
      : null}
  </${ListPage}>`;
}

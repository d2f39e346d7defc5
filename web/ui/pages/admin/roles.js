// Roles: which actions each has on which resources.

import { html, useMemo, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { Dialog } from "../../components/dialog.js";
import { EmptyNote, ErrorBox, toast } from "../../components/notes.js";
import { patch, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { countText } from "../task/quantities.js";
import { ActionButton, DeleteDialog, listAll, ListPage, RowActions, may } from "./page_parts.js";

const RESOURCE = "Roles";
const BUILT_IN = ["Admin", "Op", "User", "Viewer", "Public"];
const ACTIONS = ["can_read", "can_create", "can_edit", "can_delete", "menu_access"];

const keyOf = ({ action, resource }) => `${action.name} on ${resource.name}`;

// By resource, the key of each action that makes sense there: that some role has, or, on one DAG
// alone, all but creating it.
function rowsOf(known, added) {
  const names = [...new Set([...known].map((key) => key.split(/ on (.*)/s)[1]))].sort();
  return [...added.filter((name) => !names.includes(name)), ...names].map((name) => (
    { name, keys: ACTIONS.map((action) => {
      const key = `${action} on ${name}`;
      const isOfDag = name.startsWith("DAG:") && ["can_read", "can_edit", "can_delete"]
        .includes(action);
      return known.has(key) || isOfDag ? key : null;
    }) }));
}

function PermissionTable({ known, added, chosen, toggle, isReadOnly }) {
  const rows = useMemo(() => rowsOf(known, added), [known, added]);
  return html`<div class="table-scroll permissions"><table aria-label="Permissions">
    <thead><tr><th scope="col">Resource</th>${ACTIONS.map((action) => html`<th scope="col"
      key=${action} class="center">${action.replace(/^can_|_access$/, "")}</th>`)}</tr></thead>
    <tbody>${rows.map(({ name, keys }) => html`<tr key=${name}><th scope="row">${name}</th>
      ${keys.map((key, place) => html`<td key=${place} class="center">${key === null ? null
        : html`<input type="checkbox" aria-label=${key} checked=${chosen.has(key)}
          disabled=${isReadOnly} onChange=${() => toggle(key)} />`}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

function bodyOf(name, chosen) {
  return { name, actions: [...chosen].map((key) => {
    const [action, resource] = key.split(/ on (.*)/s);
    return { action: { name: action }, resource: { name: resource } };
  }) };
}

// For rights on one DAG only.
function DagField({ onAdd }) {
  const [dagId, setDagId] = useState("");
  const add = () => {
    onAdd(`DAG:${dagId.trim()}`);
    setDagId("");
  };
  return html`<div class="dag-rights"><label><span class="muted">Rights on one DAG only</span>
      <input type="text" placeholder="its id" value=${dagId}
        onInput=${(event) => setDagId(event.target.value)} /></label>
    <button type="button" class="button" disabled=${dagId.trim() === ""} onClick=${add}>Add</button>
  </div>`;
}

function RoleForm({ role, known, onSaved, onClose }) {
  const [added, setAdded] = useState([]);
  const [name, setName] = useState(role?.name ?? "");
  const [chosen, setChosen] = useState(new Set((role?.actions ?? []).map(keyOf)));
  const [error, setError] = useState(null);
  const isReadOnly = !may(role ? "edit" : "create", RESOURCE) || role?.name === "Admin";
  const toggle = (key) => setChosen((before) => {
    const next = new Set(before);
    if (!next.delete(key)) next.add(key);
    return next;
  });
  const save = async (event) => {
    event.preventDefault();
    try {
      if (role) await patch(path`/roles/${role.name}`, bodyOf(name, chosen));
      else await post("/roles", bodyOf(name, chosen));
      toast(`Role ${name} is saved.`);
      onSaved();
      onClose();
    } catch (problem) {
      setError(problem);
    }
  };
  const actions = html`<button type="button" class="button" onClick=${onClose}>
    ${isReadOnly ? "Close" : "Cancel"}</button>
    ${isReadOnly ? null : html`<button type="submit" form="role-form" class="button primary">
      Save</button>`}`;
  return html`<${Dialog} title=${role ? `Role ${role.name}` : "New role"} wide onClose=${onClose}
    actions=${actions}><form id="role-form" onSubmit=${save}>
      ${role ? null : html`<label class="field"><span>Name</span><input type="text" required
        value=${name} onInput=${(event) => setName(event.target.value)} data-autofocus /></label>`}
      ${isReadOnly ? null : html`<${DagField} onAdd=${(one) => setAdded([one, ...added])} />`}
      <${PermissionTable} known=${known} added=${added} chosen=${chosen} toggle=${toggle}
        isReadOnly=${isReadOnly} />
      ${error ? html`<${ErrorBox} error=${error} />` : null}</form></${Dialog}>`;
}

function columnsFor(open) {
  return [
    { id: "name", label: "Role", cell: (row) => html`<button type="button" class="link"
      onClick=${() => open({ role: row })}>${row.name}</button>
      ${BUILT_IN.includes(row.name) ? html` <span class="tag">built in</span>` : null}` },
    { id: "count", label: "Permissions", value: (row) => row.actions.length,
      cell: (row) => countText(row.actions.length, "permission") },
    { id: "actions", label: "Actions", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<${RowActions} name=${row.name} resource=${RESOURCE}
        keep=${BUILT_IN.includes(row.name) ? "Built-in roles cannot be deleted." : ""}
        onEdit=${() => open({ role: row })} onDelete=${() => open({ doomed: row.name })} />` },
  ];
}

export function Roles() {
  const load = useLoad((signal) => listAll("/roles", "roles", { signal }), []);
  const [opened, open] = useState(null);
  const columns = useMemo(() => columnsFor(open), []);
  const known = useMemo(() => new Set((load.data ?? []).flatMap(({ actions }) => (
    actions.map(keyOf)))), [load.data]);
  const close = () => open(null);
  const actions = html`<${ActionButton} icon="add" label="New role" primary
    isAllowed=${may("create", RESOURCE)} onClick=${() => open({ role: null })} />`;
  return html`<${ListPage} title="Roles" load=${load} actions=${actions}>
    <${DataTable} rows=${load.data} columns=${columns} rowKey=${(row) => row.name} label="Roles"
      empty=${html`<${EmptyNote} title="No roles" />`} />
    ${opened?.role !== undefined ? html`<${RoleForm} role=${opened.role} known=${known}
      onSaved=${load.reload} onClose=${close} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="Role" name=${opened.doomed}
      target=${path`/roles/${opened.doomed}`} warning="Users who have it lose what it allows."
      onDone=${load.reload} onClose=${close} />` : null}
  </${ListPage}>`;
}

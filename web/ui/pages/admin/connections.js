// Connections. A password goes to the server and never comes back.

import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { Dialog } from "../../components/dialog.js";
import { Icon } from "../../components/icons.js";
import { EmptyNote, ErrorBox, toast } from "../../components/notes.js";
import { get, patch, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { FormDialog } from "./form_dialog.js";
import { ActionButton, DeleteDialog, listAll, ListPage, RowActions, may } from "./page_parts.js";

const RESOURCE = "Connections";
const TYPES = ["aws", "azure", "docker", "fs", "ftp", "generic", "google_cloud_platform", "http",
  "jdbc", "kubernetes", "mongo", "mssql", "mysql", "oracle", "postgres", "redis", "sftp",
  "slackwebhook", "smtp", "snowflake", "sqlite", "ssh"];
const PORT_MAX = 65535;

function isPort(value) {
  const isNone = value === "";
  return isNone || (Number(value) > 0 && Number(value) <= PORT_MAX)
    ? "" : `Port must be between 1 and ${PORT_MAX}.`;
}

function fieldsFor(isNew) {
  return [
    { name: "connection_id", label: "Connection id", required: true, disabled: !isNew, half: true },
    { name: "conn_type", label: "Type", required: true, suggestions: TYPES, half: true },
    { name: "description", label: "Description" },
    { name: "host", label: "Host", half: true },
    { name: "port", label: "Port", type: "number", half: true, check: isPort },
    { name: "login", label: "Login", half: true, autocomplete: "off" },
    { name: "password", label: "Password", type: "password", half: true,
      autocomplete: "new-password",
      help: isNew ? "" : "Never shown. Left empty, it stays as it is." },
    { name: "schema", label: "Schema" },
    { name: "extra", label: "Extra", type: "json", rows: 6,
      help: "A JSON object with what the type needs besides." },
  ];
}

// What the server expects: null for what is empty, and no password where none was written.
function bodyOf(values) {
  const body = Object.fromEntries(Object.entries(values).map(
    ([name, value]) => [name, value === "" ? null : value]));
  body.port = values.port === "" ? null : Number(values.port);
  if (values.password === "") delete body.password;
  return body;
}

function TestResult({ result }) {
  if (!result) return null;
  return html`<p class=${`test-result ${result.status ? "good" : "bad"}`} role="status">
    <${Icon} name=${result.status ? "check" : "cross"} /> ${result.message}</p>`;
}

function ConnectionForm({ connection, onSaved, onClose }) {
  const [result, setResult] = useState(null);
  const isNew = !connection;
  const fields = fieldsFor(isNew);
  const initial = Object.fromEntries(fields.map(({ name }) => [name,
    String(connection?.[name] ?? "")]));
  const save = async (values) => {
    const body = bodyOf(values);
    if (isNew) await post("/connections", body);
    else {
      await patch(path`/connections/${connection.connection_id}`, body,
        { update_mask: Object.keys(body).filter((name) => name !== "connection_id").join(",") });
    }
    toast(`Connection ${values.connection_id} is saved.`);
    onSaved();
  };
  const test = async (values) => {
    setResult(null);
    try {
      setResult(await post("/connections/test", bodyOf(values)));
    } catch (error) {
      setResult({ status: false, message: error.message });
    }
  };
  return html`<${FormDialog} title=${isNew ? "New connection" : `Edit ${connection.connection_id}`}
    wide fields=${fields} initial=${initial} onSave=${save} onClose=${onClose}
    tools=${(values) => html`<button type="button" class="button"
      onClick=${() => test(values)}>Test</button>`}><${TestResult} result=${result} />
  </${FormDialog}>`;
}

// With what the list leaves out: the extra, of which the server has covered what is secret.
function EditForm({ connection_id, ...more }) {
  const load = useLoad((signal) => get(path`/connections/${connection_id}`, undefined, { signal }),
    [connection_id]);
  if (load.data) return html`<${ConnectionForm} connection=${load.data} ...${more} />`;
  return load.error ? html`<${Dialog} title=${`Edit ${connection_id}`} onClose=${more.onClose}>
    <${ErrorBox} error=${load.error} onRetry=${load.reload} /></${Dialog}>` : null;
}

function address({ host, port, schema }) {
  if (!host) return schema ?? "";
  return `${host}${port ? `:${port}` : ""}${schema ? `/${schema}` : ""}`;
}

function columnsFor(open) {
  return [
    { id: "connection_id", label: "Connection", cell: (row) => html`<b>${row.connection_id}</b>
      ${row.description ? html`<div class="muted">${row.description}</div>` : null}` },
    { id: "conn_type", label: "Type",
      cell: (row) => html`<span class="tag">${row.conn_type}</span>` },
    { id: "address", label: "Address", value: address },
    { id: "login", label: "Login" },
    { id: "actions", label: "Actions", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<${RowActions} name=${row.connection_id} resource=${RESOURCE}
        onEdit=${() => open({ edited: row.connection_id })}
        onDelete=${() => open({ doomed: row.connection_id })} />` },
  ];
}

export default function ConnectionsPage() {
  const load = useLoad((signal) => listAll("/connections", "connections", { signal }), []);
  const [opened, open] = useState(null);
  useSteadyChanges({ table: "connection" }, load.reload);
  useEffect(() => { document.title = "Connections"; }, []);
  const columns = useMemo(() => columnsFor(open), []);
  const close = () => open(null);
  const actions = html`<${ActionButton} icon="add" label="New connection" primary
    isAllowed=${may("create", RESOURCE)} onClick=${() => open({ isNew: true })} />`;
  return html`<${ListPage} title="Connections" load=${load} actions=${actions}
    intro="Where tasks find other systems, and how they sign in there. Passwords are stored
      encrypted where a key is set, and are never shown.">
    <${DataTable} rows=${load.data} columns=${columns} rowKey=${(row) => row.connection_id}
      label="Connections" initialSort=${{ id: "connection_id" }}
      empty=${html`<${EmptyNote} title="No connections" />`} />
    ${opened?.isNew ? html`<${ConnectionForm} onSaved=${load.reload} onClose=${close} />` : null}
    ${opened?.edited ? html`<${EditForm} connection_id=${opened.edited} onSaved=${load.reload}
      onClose=${close} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="Connection" name=${opened.doomed}
      target=${path`/connections/${opened.doomed}`} warning="Tasks that use it fail."
      onDone=${load.reload} onClose=${close} />` : null}
  </${ListPage}>`;
}

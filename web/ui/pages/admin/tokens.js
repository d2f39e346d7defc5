// API tokens: what programs sign in with in a user's name.

import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { DataTable, Dialog, EmptyNote, TimeText } from "../../components/index.js";
import { get, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { CopyButton } from "../task/copy_button.js";
import { FormDialog } from "./form_dialog.js";
import { ActionButton, DeleteDialog, ListPage } from "./page_parts.js";

const DAY_MS = 86_400_000;

const SCOPES = [
  { value: "read-only", label: "Read only" },
  { value: "all", label: "Everything that you may do" },
  { value: "listed", label: "Certain permissions" },
];

const FIELDS = [
  { name: "name", label: "Name", required: true, help: "To tell it from your others." },
  { name: "kind", label: "It may", type: "select", options: SCOPES },
  { name: "permissions", label: "Permissions",
    placeholder: "can_read on DAGs, can_create on DAG Runs",
    help: "For certain permissions: which, with commas between." },
  { name: "days", label: "Valid for days", type: "number",
    help: "Left empty, it is valid until it is deleted." },
];

function Secret({ token, onClose }) {
  return html`<${Dialog} title="Your new token" onClose=${onClose} actions=${html`
    <button type="button" class="button primary" onClick=${onClose}>Done</button>`}>
    <p>Copy it now: it is stored as a hash only, and cannot be shown again.</p>
    <p class="secret"><code>${token}</code>
      <${CopyButton} text=${token} label="Copy the token" /></p>
    <p class="muted">Send it as <code>Authorization: Bearer …</code>, or pass it to
      ${" "}<code>beeflow --server URL --token …</code>.</p></${Dialog}>`;
}

function TokenForm({ onMade, onClose }) {
  const make = async ({ name, kind, permissions, days }) => {
    const scope = kind === "listed" ? permissions : kind;
    const body = { name, scope };
    if (days !== "") body.expires_at = new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    onMade((await post("/tokens", body)).token);
  };
  return html`<${FormDialog} title="New token" confirm="Create" fields=${FIELDS} onSave=${make}
    initial=${{ name: "", kind: "read-only", permissions: "", days: "90" }} onClose=${onClose} />`;
}

function columnsFor(open) {
  return [
    { id: "name", label: "Token", cell: (row) => html`<b>${row.name}</b>` },
    { id: "scope", label: "It may" },
    { id: "created_at", label: "Created", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.created_at} precision="minute" />` },
    { id: "last_used_at", label: "Last used", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.last_used_at} relative />` },
    { id: "expires_at", label: "Expires", className: "nowrap", cell: (row) => (row.expires_at
      ? html`<${TimeText} time=${row.expires_at} relative />` : "never") },
    { id: "actions", label: "", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<div class="row-actions"><${ActionButton} icon="trash" iconOnly
        label=${`Delete ${row.name}`} onClick=${() => open({ doomed: row })} /></div>` },
  ];
}

export default function TokensPage() {
  const load = useLoad((signal) => get("/tokens", undefined, { signal }), []);
  const [opened, open] = useState(null);
  const [secret, setSecret] = useState(null);
  useEffect(() => { document.title = "API tokens"; }, []);
  const columns = useMemo(() => columnsFor(open), []);
  const close = () => open(null);
  const made = (token) => {
    setSecret(token);
    load.reload();
  };
  const actions = html`<${ActionButton} icon="add" label="New token" primary
    onClick=${() => open({ isNew: true })} />`;
  return html`<${ListPage} title="API tokens" load=${load} actions=${actions}
    intro="Programs sign in with a token in your name. It can do no more than you may, and less
      where its scope says so.">
    <${DataTable} rows=${load.data?.tokens ?? []} columns=${columns} rowKey=${(row) => row.name}
      label="API tokens" empty=${html`<${EmptyNote} icon="key" title="No tokens">Create one for
        each program that uses the API.</${EmptyNote}>`} />
    ${opened?.isNew ? html`<${TokenForm} onMade=${made} onClose=${close} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="Token" name=${opened.doomed.name}
      target=${path`/tokens/${opened.doomed.id}`} warning="Programs that use it are refused."
      onDone=${load.reload} onClose=${close} />` : null}
    ${secret ? html`<${Secret} token=${secret} onClose=${() => setSecret(null)} />` : null}
  </${ListPage}>`;
}

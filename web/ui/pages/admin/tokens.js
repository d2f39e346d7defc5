// What belongs to the reader alone: API tokens, with which programs sign in in their name, and the
// password.

import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { Dialog } from "../../components/dialog.js";
import { EmptyNote, toast } from "../../components/notes.js";
import { TimeText } from "../../components/time_text.js";
import { post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { loadSession, useSession } from "../../lib/session.js";
import { CopyButton } from "../task/copy_button.js";
import { FormDialog } from "./form_dialog.js";
import { ActionButton, DeleteDialog, listAll, ListPage, may } from "./page_parts.js";

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
  { name: "days", label: "Valid for days", type: "number", required: true,
    check: (value) => (Number(value) > 0 ? "" : "Days must be 1 or more.") },
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
    const expires = new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    onMade((await post("/tokens", { name, scope, expires })).token);
  };
  return html`<${FormDialog} title="New token" confirm="Create" fields=${FIELDS} onSave=${make}
    initial=${{ name: "", kind: "read-only", permissions: "", days: "90" }} onClose=${onClose} />`;
}

const PASSWORD_FIELDS = [
  { name: "old_password", label: "Present password", type: "password", required: true,
    autocomplete: "current-password" },
  { name: "new_password", label: "New password", type: "password", required: true,
    autocomplete: "new-password" },
  { name: "repeat", label: "Repeat the new password", type: "password", required: true,
    autocomplete: "new-password" },
];

function PasswordForm({ onClose }) {
  const save = async ({ old_password, new_password, repeat }) => {
    if (new_password !== repeat) throw new Error("The two new passwords differ.");
    await post("/ui/password", { old_password, new_password });
    toast("Your password is changed. Please sign in with it.");
    await loadSession();
    navigate("/login");
  };
  return html`<${FormDialog} title="Change my password" confirm="Change" fields=${PASSWORD_FIELDS}
    initial=${{ old_password: "", new_password: "", repeat: "" }} onSave=${save}
    onClose=${onClose}><p class="muted">You are signed out everywhere.</p></${FormDialog}>`;
}

function columnsFor(open) {
  return [
    { id: "name", label: "Token", cell: (row) => html`<b>${row.name}</b>` },
    { id: "scope", label: "It may" },
    { id: "username", label: "User" },
    { id: "created", label: "Created", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.created} precision="minute" />` },
    { id: "last_used", label: "Last used", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.last_used} relative />` },
    { id: "expires", label: "Expires", className: "nowrap", cell: (row) => (row.expires
      ? html`<${TimeText} time=${row.expires} relative />` : "never") },
    { id: "actions", label: "Actions", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<div class="row-actions"><${ActionButton} icon="trash" iconOnly
        label=${`Delete ${row.name}`} onClick=${() => open({ doomed: row })} /></div>` },
  ];
}

function NobodySignsIn() {
  return html`<div class="page-head"><h1>API tokens</h1></div>
    <${EmptyNote} icon="key" title="Nobody has to sign in here">Tokens belong to users. Programs on
      this machine need none until there is a user: <code>beeflow users create</code> makes one.
    </${EmptyNote}>`;
}

export default function TokensPage() {
  useEffect(() => { document.title = "API tokens"; }, []);
  const { is_signed_in, error } = useSession();
  return is_signed_in || error ? html`<${Tokens} />` : html`<${NobodySignsIn} />`;
}

function Tokens() {
  const load = useLoad((signal) => listAll("/tokens", "tokens", { signal }), []);
  const [opened, open] = useState(null);
  const [secret, setSecret] = useState(null);
  const columns = useMemo(() => columnsFor(open), []);
  const close = () => open(null);
  const made = (token) => {
    setSecret(token);
    load.reload();
  };
  const actions = html`<${ActionButton} label="Change my password"
      isAllowed=${may("edit", "My Password")} onClick=${() => open({ password: true })} />
    <${ActionButton} icon="add" label="New token" primary
    onClick=${() => open({ isNew: true })} />`;
  return html`<${ListPage} title="API tokens" load=${load} actions=${actions}
    intro="Programs sign in with a token in your name. It can do no more than you may, and less
      where its scope says so.">
    <${DataTable} rows=${load.data} columns=${columns} rowKey=${(row) => row.id}
      label="API tokens" empty=${html`<${EmptyNote} icon="key" title="No tokens">Create one for
        each program that uses the API.</${EmptyNote}>`} />
    ${opened?.isNew ? html`<${TokenForm} onMade=${made} onClose=${close} />` : null}
    ${opened?.password ? html`<${PasswordForm} onClose=${close} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="Token" name=${opened.doomed.name}
      target=${path`/tokens/${opened.doomed.id}`} warning="Programs that use it are refused."
      onDone=${load.reload} onClose=${close} />` : null}
    ${secret ? html`<${Secret} token=${secret} onClose=${() => setSecret(null)} />` : null}
  </${ListPage}>`;
}

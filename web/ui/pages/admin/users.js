// Users and roles.

import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { EmptyNote, toast } from "../../components/notes.js";
import { Tabs } from "../../components/tabs.js";
import { TimeText } from "../../components/time_text.js";
import { patch, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { useSession } from "../../lib/session.js";
import { FormDialog } from "./form_dialog.js";
import { ActionButton, DeleteDialog, listAll, ListPage, RowActions, may } from "./page_parts.js";
import { Roles } from "./roles.js";

const RESOURCE = "Users";

const PASSWORD = { name: "password", label: "Password", type: "password", required: true,
  autocomplete: "new-password" };

function fieldsFor(user, roles) {
  return [
    { name: "username", label: "User name", required: true, disabled: Boolean(user),
      autocomplete: "off" },
    { name: "first_name", label: "First name", required: true, half: true },
    { name: "last_name", label: "Last name", required: true, half: true },
    { name: "email", label: "E-mail", required: true },
    { name: "roles", label: "Roles", type: "choices", options: roles,
      check: (value) => (value.length === 0 ? "Choose at least one role." : "") },
    ...user ? [] : [PASSWORD],
  ];
}

function UserForm({ user, roles, onSaved, onClose }) {
  const save = async (values) => {
    const body = { ...values, roles: values.roles.map((name) => ({ name })) };
    if (user) {
      await patch(path`/users/${user.username}`, body,
        { update_mask: "first_name,last_name,email,roles" });
    } else await post("/users", body);
    toast(`User ${values.username} is saved.`);
    onSaved();
  };
  const initial = { username: user?.username ?? "", first_name: user?.first_name ?? "",
    last_name: user?.last_name ?? "", email: user?.email ?? "", password: "",
    roles: user?.roles.map(({ name }) => name) ?? ["Viewer"] };
  if (user) delete initial.password;
  return html`<${FormDialog} title=${user ? `Edit ${user.username}` : "New user"}
    fields=${fieldsFor(user, roles)} initial=${initial} onSave=${save} onClose=${onClose} />`;
}

function PasswordForm({ user, onClose }) {
  const repeat = { name: "repeat", label: "Repeat the password", type: "password", required: true,
    autocomplete: "new-password" };
  const save = async ({ password, repeat: again }) => {
    if (password !== again) throw new Error("The two passwords differ.");
    await patch(path`/users/${user.username}`, { password }, { update_mask: "password" });
    toast(`${user.username} has a new password, and is signed out everywhere.`);
  };
  return html`<${FormDialog} title=${`New password for ${user.username}`} confirm="Set password"
    fields=${[PASSWORD, repeat]} initial=${{ password: "", repeat: "" }} onSave=${save}
    onClose=${onClose} />`;
}

function columnsFor(open, self) {
  return [
    { id: "username", label: "User", cell: (row) => html`<b>${row.username}</b>
      ${row.active === false ? html` <span class="tag">inactive</span>` : null}
      <div class="muted">${row.first_name} ${row.last_name}</div>` },
    { id: "email", label: "E-mail" },
    { id: "roles", label: "Roles", value: (row) => row.roles.map(({ name }) => name).join(" "),
      cell: (row) => row.roles.map(({ name }) => html`<span class="tag">${name}</span> `) },
    { id: "last_login", label: "Last signed in", className: "nowrap",
      cell: (row) => html`<${TimeText} time=${row.last_login} relative />` },
    { id: "failed_login_count", label: "Failed", align: "right",
      value: (row) => row.failed_login_count ?? 0 },
    { id: "actions", label: "Actions", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<${RowActions} name=${row.username} resource=${RESOURCE}
        keep=${row.username === self ? "You cannot delete yourself." : ""}
        more=${html`<${ActionButton} icon="key" iconOnly label=${`New password for ${row.username}`}
          isAllowed=${may("edit", RESOURCE)} onClick=${() => open({ password: row })} />`}
        onEdit=${() => open({ user: row })} onDelete=${() => open({ doomed: row.username })} />` },
  ];
}

function Users() {
  const load = useLoad((signal) => listAll("/users", "users", { signal }), []);
  const roles = useLoad((signal) => listAll("/roles", "roles", { signal }), []);
  const [opened, open] = useState(null);
  const self = useSession()?.username;
  const columns = useMemo(() => columnsFor(open, self), [self]);
  const names = (roles.data ?? []).map(({ name }) => name);
  const close = () => open(null);
  const actions = html`<${ActionButton} icon="add" label="New user" primary
    isAllowed=${may("create", RESOURCE)} onClick=${() => open({ user: null })} />`;
  return html`<${ListPage} title="Users" load=${load} actions=${actions}>
    <${DataTable} rows=${load.data} columns=${columns} rowKey=${(row) => row.username} label="Users"
      initialSort=${{ id: "username" }} empty=${html`<${EmptyNote} icon="user" title="No users">
        Without users everyone on this machine may do everything.</${EmptyNote}>`} />
    ${opened?.user !== undefined ? html`<${UserForm} user=${opened.user} roles=${names}
      onSaved=${load.reload} onClose=${close} />` : null}
    ${opened?.password ? html`<${PasswordForm} user=${opened.password} onClose=${close} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="User" name=${opened.doomed}
      target=${path`/users/${opened.doomed}`} warning="Their sessions and tokens go with them."
      onDone=${load.reload} onClose=${close} />` : null}
  </${ListPage}>`;
}

export default function UsersPage({ fields, query }) {
  const tab = (fields.tab ?? query.tab) === "roles" ? "roles" : "users";
  useEffect(() => { document.title = tab === "roles" ? "Roles" : "Users"; }, [tab]);
  return html`<${Tabs} label="Users and roles" current=${tab} tabs=${[
    { id: "users", label: "Users", href: "#/users" },
    { id: "roles", label: "Roles", href: "#/users?tab=roles" }]} />
    <div class="tab-body">${tab === "roles" ? html`<${Roles} />` : html`<${Users} />`}</div>`;
}

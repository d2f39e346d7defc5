// Pools: how many tasks of a kind may run at once, and how many do.

import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { DataTable } from "../../components/data_table.js";
import { EmptyNote, toast } from "../../components/notes.js";
import { patch, post } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { path } from "../../lib/path.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { FormDialog } from "./form_dialog.js";
import { ActionButton, DeleteDialog, listAll, ListPage, RowActions, may } from "./page_parts.js";

const RESOURCE = "Pools";
const DEFAULT_POOL = "default_pool";

function Slots({ pool }) {
  const isUnlimited = pool.slots < 0;
  const states = ["running", "queued", ...pool.include_deferred ? ["deferred"] : []];
  const total = isUnlimited ? 4 * pool.occupied_slots : pool.slots;
  const told = isUnlimited ? `${pool.occupied_slots} in use, unlimited`
    : `${pool.occupied_slots} of ${pool.slots} in use`;
  const width = (count) => `${Math.min(100, 100 * count / Math.max(1, total))}%`;
  return html`<div class="slots"><div class="slot-bar" role="img" aria-label=${told}>
    ${states.map((state) => html`<i key=${state} title=${`${pool[`${state}_slots`]} ${state}`}
      style=${{ width: width(pool[`${state}_slots`]), background: `var(--state-${state})` }} />`)}
    </div><small>${told}${pool.scheduled_slots > 0
      ? html`, <b>${pool.scheduled_slots} waiting</b>` : null}</small></div>`;
}

const FIELDS = [
  { name: "name", label: "Name", required: true },
  { name: "slots", label: "Slots", type: "number", required: true,
    help: "How many of its tasks may run at once; -1 for no limit.",
    check: (value) => (Number(value) < -1 ? "Slots must be -1 or more." : "") },
  { name: "description", label: "Description", type: "textarea", rows: 2 },
  { name: "include_deferred", label: "Count deferred tasks", type: "checkbox",
    help: "A task that waits for a trigger then keeps its slots." },
];

function PoolForm({ pool, onSaved, onClose }) {
  const isDefault = pool?.name === DEFAULT_POOL;
  const fields = FIELDS.map((field) => (pool && field.name === "name"
    ? { ...field, disabled: true,
      help: isDefault ? "Every task without a pool uses this one." : "" } : field));
  const save = async (values) => {
    const body = { ...values, slots: Number(values.slots) };
    if (pool) {
      const mask = isDefault ? { update_mask: "slots,include_deferred" } : undefined;
      await patch(path`/pools/${pool.name}`, body, mask);
    } else await post("/pools", body);
    toast(`Pool ${values.name} is saved.`);
    onSaved();
  };
  const initial = { name: pool?.name ?? "", slots: String(pool?.slots ?? 16),
    description: pool?.description ?? "", include_deferred: pool?.include_deferred ?? false };
  return html`<${FormDialog} title=${pool ? `Edit ${pool.name}` : "New pool"} fields=${fields}
    initial=${initial} onSave=${save} onClose=${onClose} />`;
}

function columnsFor(open) {
  return [
    { id: "name", label: "Pool", cell: (row) => html`<b>${row.name}</b>
      ${row.description ? html`<div class="muted">${row.description}</div>` : null}` },
    { id: "slots", label: "Slots", align: "right",
      cell: (row) => (row.slots < 0 ? "unlimited" : row.slots) },
    { id: "use", label: "In use", value: (row) => row.occupied_slots, className: "slots-cell",
      cell: (row) => html`<${Slots} pool=${row} />` },
    { id: "running_slots", label: "Running", align: "right" },
    { id: "queued_slots", label: "Queued", align: "right" },
    { id: "scheduled_slots", label: "Scheduled", align: "right" },
    { id: "deferred_slots", label: "Deferred", align: "right" },
    { id: "actions", label: "Actions", sortable: false, align: "right", value: () => "",
      cell: (row) => html`<${RowActions} name=${row.name} resource=${RESOURCE}
        keep=${row.name === DEFAULT_POOL ? "The default pool cannot be deleted." : ""}
        onEdit=${() => open({ pool: row })} onDelete=${() => open({ doomed: row.name })} />` },
  ];
}

export default function PoolsPage() {
  const load = useLoad((signal) => listAll("/pools", "pools", { signal }), []);
  const [opened, open] = useState(null);
  useSteadyChanges({ table: ["slot_pool", "task_instance"] }, load.reload);
  useEffect(() => { document.title = "Pools"; }, []);
  const columns = useMemo(() => columnsFor(open), []);
  const close = () => open(null);
  const actions = html`<${ActionButton} icon="add" label="New pool" primary
    isAllowed=${may("create", RESOURCE)} onClick=${() => open({ pool: null })} />`;
  return html`<${ListPage} title="Pools" load=${load} actions=${actions}
    intro="A pool limits how many tasks of a kind run at once. A task takes as many slots as its
      pool_slots says, from when it is queued until it ends.">
    <${DataTable} rows=${load.data} columns=${columns} rowKey=${(row) => row.name} label="Pools"
      initialSort=${{ id: "name" }} empty=${html`<${EmptyNote} title="No pools" />`} />
    ${opened?.pool !== undefined ? html`<${PoolForm} pool=${opened.pool} onSaved=${load.reload}
      onClose=${close} />` : null}
    ${opened?.doomed ? html`<${DeleteDialog} what="Pool" name=${opened.doomed}
      target=${path`/pools/${opened.doomed}`} onDone=${load.reload} onClose=${close}
      warning="Tasks that name it wait until there is a pool of this name again." />` : null}
  </${ListPage}>`;
}

// The function runtime: which environments live, how tasks were started, and what is limited.

import { html, useEffect, useMemo } from "../../lib/html.js";
import { Chart } from "../../components/chart.js";
import { DataTable } from "../../components/data_table.js";
import { Icon } from "../../components/icons.js";
import { EmptyNote } from "../../components/notes.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { get } from "../../lib/api.js";
import { useLoad } from "../../lib/load.js";
import { page } from "../../lib/path.js";
import { colourOf, useTheme } from "../../lib/theme.js";
import { formatDuration, toMs, useNow } from "../../lib/time.js";
import { useSteadyChanges } from "../task/steady_changes.js";
import { bytesText, countText } from "../task/quantities.js";
import { ListPage } from "./page_parts.js";

const STEP_MS = 10 * 60_000;  // of the chart
const DAY_MS = 86_400_000;
const REFRESH_MS = 5000;  // environments that end for idleness commit nothing that would tell

const KINDS = {
  python: ["Python", "Has one DAG file loaded and runs one attempt at a time."],
  trigger: ["Triggers", "Waits for all deferred tasks at once."],
  zygote: ["Zygote", "Has the interpreter loaded; environments are forked from it."],
};

// --- starts over time ---

const START_KINDS = [
  ["cold", "Cold", "--state-running"],
  ["warm", "Warm", "--honey"],
  ["direct", "Direct", "--faint"],
];

// Starts by steps of the last 24 hours.
function startsByStep(starts, nowMs) {
  const end = Math.ceil(nowMs / STEP_MS) * STEP_MS;
  const first = end - DAY_MS;
  const steps = Array.from({ length: DAY_MS / STEP_MS }, (_, place) => (
    { time: first + place * STEP_MS, cold: 0, warm: 0, direct: 0 }));
  for (const { minute, cold, warm, direct } of starts) {
    const step = steps[Math.floor((toMs(minute) - first) / STEP_MS)];
    if (!step) continue;
    step.cold += cold;
    step.warm += warm;
    step.direct += direct;
  }
  return steps;
}

function Starts({ starts }) {
  const theme = useTheme();
  const now = useNow(60_000);
  const data = useMemo(() => {
    const steps = startsByStep(starts, now);
    const x = steps.map(({ time }) => new Date(time - new Date(time).getTimezoneOffset() * 60_000)
      .toISOString().slice(0, 16));
    return START_KINDS.map(([kind, name, colour]) => ({ type: "bar", name, x,
      y: steps.map((step) => step[kind]), marker: { color: colourOf(colour),
        pattern: { shape: kind === "cold" ? "/" : "", size: 5, fillmode: "overlay",
          fgcolor: colourOf("--paper"), solidity: 0.25 } },
      hovertemplate: `%{x|%H:%M}: %{y} ${name.toLowerCase()}<extra></extra>` }));
  }, [starts, theme, now]);
  const layout = useMemo(() => ({ barmode: "stack", bargap: 0.1, xaxis: { type: "date" },
    yaxis: { title: { text: "starts in 10 minutes" }, rangemode: "tozero", tickformat: "d" },
  }), []);
  if (starts.length === 0) {
    return html`<${EmptyNote} icon="clock" title="Nothing was started in the last 24 hours" />`;
  }
  return html`<${Chart} data=${data} layout=${layout} height=${260}
    label="Cold, warm and direct starts in the last 24 hours" />`;
}

function share(starts) {
  const sum = (kind) => starts.reduce((total, one) => total + one[kind], 0);
  const [cold, warm, direct] = [sum("cold"), sum("warm"), sum("direct")];
  const part = cold + warm === 0 ? "" : ` – ${Math.round(100 * warm / (cold + warm))} % warm`;
  return `${cold} cold, ${warm} warm, ${direct} direct${part}`;
}

// --- what lives ---

function Task({ task }) {
  if (!task) return html`<span class="muted">–</span>`;
  const link = page`/dags/${task.dag_id}/runs/${task.run_id}/tasks/${task.task_id}`;
  return html`<a href=${task.map_index >= 0 ? `${link}/${task.map_index}` : link}
    title=${task.run_id}>${task.dag_id}.${task.task_id}${task.map_index >= 0
      ? ` [${task.map_index}]` : ""}</a>`;
}

const COLUMNS = [
  { id: "id", label: "Environment", cell: (row) => html`<code>${row.id}</code>` },
  { id: "kind", label: "Kind", cell: (row) => html`<span title=${KINDS[row.kind]?.[1]}>${
    KINDS[row.kind]?.[0] ?? row.kind}</span>` },
  { id: "state", label: "State", cell: (row) => html`<span class=${`env-state ${row.state}`}>
    <${Icon} name=${row.state === "busy" ? "play" : "pause"} size=${12} /> ${row.state}</span>` },
  { id: "task", label: "Runs", value: (row) => row.task?.task_id,
    cell: (row) => html`<${Task} task=${row.task} />` },
  { id: "file", label: "File", cell: (row) => (row.file ? html`<span title=${row.file}>${
    row.file.split("/").at(-1)}</span>` : html`<span class="muted">–</span>`) },
  { id: "started_at", label: "Alive for", className: "nowrap",
    cell: (row) => html`<${DurationText} start=${row.started_at} end=${null} />` },
  { id: "attempts", label: "Attempts", align: "right" },
  { id: "memory_bytes", label: "Memory", align: "right", className: "nowrap",
    cell: (row) => bytesText(row.memory_bytes) },
];

const WORKERS = [
  { id: "name", label: "Worker", cell: (row) => html`<b>${row.name}</b>` },
  { id: "queues", label: "Queues", value: (row) => row.queues.join(", "),
    cell: (row) => row.queues.join(", ") },
  { id: "running", label: "Attempts", align: "right",
    cell: (row) => `${row.running} of ${row.max_concurrency}` },
  { id: "pid", label: "Process", align: "right" },
  { id: "started_at", label: "Alive for", className: "nowrap",
    cell: (row) => html`<${DurationText} start=${row.started_at} end=${null} />` },
];

const QUEUES = [
  { id: "queue", label: "Queue", cell: (row) => html`<b>${row.queue}</b>` },
  { id: "waiting", label: "Waiting", align: "right" },
  { id: "oldest_wait_seconds", label: "Longest wait", align: "right",
    cell: (row) => (row.waiting ? formatDuration(row.oldest_wait_seconds) : "–") },
  { id: "running", label: "Running", align: "right" },
  { id: "workers", label: "Workers", align: "right" },
  { id: "slots", label: "Slots", align: "right" },
];

const LIMITS = [
  { id: "queue", label: "Queue", cell: (row) => html`<b>${row.queue}</b>` },
  { id: "max_concurrency", label: "At once", align: "right",
    cell: (row) => limit(row.max_concurrency) },
  { id: "memory_mb", label: "Memory", align: "right",
    cell: (row) => limit(row.memory_mb, (value) => `${value} MiB`) },
  { id: "cpu_share", label: "CPUs", align: "right",
    cell: (row) => limit(Number(row.cpu_share.toFixed(2))) },
  { id: "timeout_seconds", label: "Longest attempt", align: "right",
    cell: (row) => limit(row.timeout_seconds, formatDuration) },
  { id: "keep_alive_seconds", label: "Kept warm for", align: "right",
    cell: (row) => formatDuration(row.keep_alive_seconds) },
  { id: "sandbox", label: "Sandbox", cell: (row) => row.sandbox },
];

function limit(value, show = String) {
  return value === null || value === undefined || value === 0
    ? html`<span class="muted">no limit</span>` : show(value);
}

// Of one worker here, and of any number elsewhere.
function workerFigure({ worker, workers }) {
  if (workers.length > 0) {
    return ["Workers", workers.length + (worker ? 1 : 0), `${workers.length} on other hosts`];
  }
  return ["Worker", worker ? `pid ${worker.pid}` : "none", worker
    ? html`since <${TimeText} time=${worker.started_at} relative />` : ""];
}

function Summary({ data }) {
  const { worker, workers, environments, running } = data;
  const memory = environments.reduce((sum, one) => sum + (one.memory_bytes ?? 0), 0);
  const total = running.direct + running.python + running.container;
  if (!worker && workers.length === 0 && total === 0) {
    return html`<section class="panel zero" role="status"><${Icon} name="moon" size=${28} />
      <div><h2>Scaled to zero</h2><p>Nothing runs and nothing is kept warm: no worker, no
        environment, no memory. The next task starts what it needs.</p></div></section>`;
  }
  const idle = environments.filter((one) => one.state === "idle" && one.kind === "python").length;
  const figures = [
    ["Attempts running", total, `${running.python} in Python, ${running.direct} direct, ${
      running.container} in containers`],
    ["Environments", environments.filter((one) => one.kind === "python").length,
      `${idle} idle, kept warm`],
    ["Memory", bytesText(memory), "of all environments"],
    workerFigure(data)];
  return html`<div class="big-figures">${figures.map(([name, value, more]) => html`<div
    class="panel big-figure" key=${name}><span>${name}</span><b>${value}</b><small>${more}</small>
    </div>`)}</div>`;
}

function Section({ title, more, children }) {
  return html`<div class="section-head"><h2>${title}</h2><span class="muted">${more}</span></div>
    ${children}`;
}

export default function EnvironmentsPage() {
  const load = useLoad((signal) => get("/ui/environments", undefined, { signal }), []);
  useSteadyChanges({ table: "task_instance" }, load.reload);
  useEffect(() => { document.title = "Environments"; }, []);
  const { data } = load;
  const isAlive = Boolean(data?.worker || data?.workers.length);
  const now = useNow(REFRESH_MS, isAlive);
  useEffect(() => { if (isAlive) load.reload(); }, [now]);
  return html`<${ListPage} title="Environments" load=${load}
    intro="Tasks run in environments that are started when there is something to run, kept warm for
      a while, and then end.">${data ? html`
    <${Summary} data=${data} />
    ${data.environments.length > 0 ? html`<${Section} title="Alive"
      more=${countText(data.environments.length, "process", "processes")}><${DataTable}
      rows=${data.environments} columns=${COLUMNS} rowKey=${(row) => row.id} label="Environments"
      filter=${data.environments.length > 10} /></${Section}>` : null}
    ${data.workers.length > 0 ? html`<${Section} title="Workers on other hosts"
      more=${countText(data.workers.length, "worker")}><${DataTable} rows=${data.workers}
      columns=${WORKERS} rowKey=${(row) => `${row.name}:${row.pid}`} label="Workers"
      filter=${data.workers.length > 10} /></${Section}>` : null}
    ${data.queues.length > 0 ? html`<${Section} title="Queues" more="of workers on other hosts">
      <${DataTable} rows=${data.queues} columns=${QUEUES} rowKey=${(row) => row.queue}
        label="Queues" filter=${false} /></${Section}>` : null}
    <${Section} title="Starts in the last 24 hours" more=${share(data.starts)}>
      <div class="panel panel-body"><${Starts} starts=${data.starts} /></div></${Section}>
    ${data.limits.length > 0 ? html`<${Section} title="Limits of an attempt" more="by queue">
      <${DataTable} rows=${data.limits} columns=${LIMITS} rowKey=${(row) => row.queue}
        label="Limits" filter=${false} /></${Section}>` : null}` : null}
  </${ListPage}>`;
}

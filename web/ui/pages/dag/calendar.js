// The days of a DAG: how many runs each had and how they ended, and which are planned.
import { get } from "../../lib/api.js";
import { classes, html, useMemo } from "../../lib/html.js";
import { useChanges } from "../../lib/live.js";
import { useLoad } from "../../lib/load.js";
import { path, withQuery } from "../../lib/path.js";
import { navigate } from "../../lib/router.js";
import { stateColour, stateLabel, worstState } from "../../lib/states.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { monthsOf, yearsOf } from "./calendar_model.js";

const DAY_MS = 86_400_000;
const PLANNED = "planned";
const STATES = ["success", "failed", "running", "queued"];

function titleOf({ date, states, planned }) {
  const counts = Object.entries(states).map(
    ([state, count]) => `${count} ${stateLabel(state).toLowerCase()}`);
  if (planned > 0) counts.push(`${planned} planned`);
  return `${date}: ${counts.join(", ") || "no runs"}`;
}

// Of a day with several states each gets its part of the cell, the worst at the foot.
function paintOf(states) {
  const total = Object.values(states).reduce((sum, count) => sum + count, 0);
  const order = Object.keys(states).sort((a, b) => (worstState([a, b]) === a ? -1 : 1));
  let from = 0;
  const parts = order.map((state) => {
    const to = from + 100 * states[state] / total;
    const part = `${stateColour(state)} ${from}% ${to}%`;
    from = to;
    return part;
  });
  return total === 0 ? undefined : `linear-gradient(to top, ${parts.join(", ")})`;
}

function isToday({ date }) {
  return date === new Date().toISOString().slice(0, 10);
}

function Day({ day, onOpen }) {
  const hasRuns = Object.keys(day.states).length > 0;
  const kind = hasRuns ? "ran" : day.planned > 0 ? PLANNED : "none";
  const hasFailed = (day.states.failed ?? 0) > 0;
  return html`<button type="button" class=${classes("day", kind, isToday(day) && "today")}
    title=${titleOf(day)} aria-label=${titleOf(day)} disabled=${!hasRuns}
    tabindex=${hasRuns ? 0 : -1} aria-current=${isToday(day) ? "date" : undefined}
    onClick=${() => onOpen(day)} style=${{ background: paintOf(day.states) }}>
    ${hasFailed ? "×" : ""}</button>`;
}

function Month({ month, onOpen }) {
  return html`<section class="month" aria-label=${month.label}><h3>${month.label}</h3>
    <div class="days">${["M", "T", "W", "T", "F", "S", "S"].map((name, place) => html`
      <span key=${`name ${place}`} class="weekday">${name}</span>`)}
    ${Array.from({ length: month.blanks }, (_, place) => html`<span key=${`no ${place}`}></span>`)}
    ${month.days.map((day) => html`<${Day} key=${day.date} day=${day} onOpen=${onOpen} />`)}
    </div></section>`;
}

export default function Calendar({ dagId }) {
  const { data, error, reload } = useLoad((signal) => get(path`/ui/dags/${dagId}/calendar`, {},
    { signal }), [dagId]);
  useChanges({ table: "dag_run", dag_id: dagId }, reload);
  const years = useMemo(() => (data ? yearsOf(data) : []), [data]);
  const open = (day) => navigate(withQuery(path`/dags/${dagId}/grid`, {
    before: new Date(Date.parse(`${day.date}T00:00:00Z`) + DAY_MS).toISOString() }));
  if (error && !data) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!data) return html`<${Loading} rows=${8} />`;
  if (years.length === 0) {
    return html`<${EmptyNote} title="No runs, and none planned">Its days show here once it has
      any.</${EmptyNote}>`;
  }
  return html`<div class="dag-view calendar">
    <div class="state-legend">${STATES.map((state) => html`<span key=${state}><i class="day ran"
        style=${{ background: stateColour(state) }}>${state === "failed" ? "×" : ""}</i>
        ${stateLabel(state)}</span>`)}
      <span><i class="day planned"></i>Planned</span><span class="spring"></span>
      <span>Days in UTC, by logical date</span></div>
    ${years.map(({ year, first, last }) => html`<section key=${year} class="panel year">
      <div class="panel-head"><h2>${year}</h2></div>
      <div class="months">${monthsOf(data, year, first, last).map((month) => html`<${Month}
        key=${month.label} month=${month} onOpen=${open} />`)}</div></section>`)}
  </div>`;
}

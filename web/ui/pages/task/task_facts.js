// The figures of one try: when it ran, how it was started, what it took and why it ended.

import { html } from "../../lib/html.js";
import { DurationText, TimeText } from "../../components/time_text.js";
import { attemptOf } from "./tries.js";
import { bytesText, fineDuration } from "./quantities.js";

const START_TYPES = {
  cold: ["Cold", "A new environment was forked and the DAG file imported in it."],
  warm: ["Warm", "An environment that had the DAG file loaded was used again."],
  direct: ["Direct", "The command was started by itself, without Python."],
};

export function StartType({ type }) {
  if (!START_TYPES[type]) return html`<span class="muted">–</span>`;
  const [label, explanation] = START_TYPES[type];
  return html`<span class=${`start-type ${type}`} title=${explanation}>${label}</span>`;
}

export function exitText(attempt) {
  if (!attempt) return "";
  if (attempt.reason) return attempt.reason;
  if (attempt.exit_signal) return `Ended by signal ${attempt.exit_signal}`;
  return attempt.exit_code ? `Exit code ${attempt.exit_code}` : "";
}

// "@task" for the classes behind decorators, whose names nobody has written.
export function operatorName(operator) {
  const [, kind] = /^_(\w+)DecoratedOperator$/.exec(operator ?? "") ?? [];
  if (!kind) return operator ?? "–";
  return kind === "Python" ? "@task" : `@task.${kind.toLowerCase()}`;
}

function Fact({ name, children, title }) {
  return html`<div class="figure" title=${title}><dt>${name}</dt><dd>${children}</dd></div>`;
}

function number(value, show) {
  return value === null || value === undefined ? html`<span class="muted">–</span>` : show(value);
}

export function TaskFacts({ task, tryNumber }) {
  const attempt = attemptOf(task, tryNumber);
  const isLatest = tryNumber === task.try_number;
  const start = attempt?.start_date ?? (isLatest ? task.start_date : null);
  const end = attempt?.end_date ?? (isLatest ? task.end_date : null);
  const where = task.pid ? `${task.hostname}, pid ${task.pid}` : task.hostname;
  return html`<dl class="figures">
    <${Fact} name="Started"><${TimeText} time=${start} precision="ms" /></${Fact}>
    <${Fact} name="Ended"><${TimeText} time=${end} precision="ms" /></${Fact}>
    <${Fact} name="Duration"><${DurationText} start=${start} end=${end} /></${Fact}>
    <${Fact} name="Queue time" title="From queued until an environment took it">
      ${number(attempt?.queue_seconds, fineDuration)}</${Fact}>
    <${Fact} name="Start" title="How the attempt got its process">
      <${StartType} type=${attempt?.start_type} />
      ${attempt?.start_seconds > 0
        ? html` <span class="muted">in ${fineDuration(attempt.start_seconds)}</span>` : null}
    </${Fact}>
    <${Fact} name="Memory" title="At most">${number(attempt?.memory_bytes, bytesText)}</${Fact}>
    <${Fact} name="CPU time">${number(attempt?.cpu_seconds, fineDuration)}</${Fact}>
    <${Fact} name="Environment">${attempt?.environment
      ? html`<code>${attempt.environment}</code>` : html`<span class="muted">–</span>`}</${Fact}>
    <${Fact} name="Operator">${operatorName(task.operator)}</${Fact}>
    <${Fact} name="Pool">${task.pool}</${Fact}>
    <${Fact} name="Queue">${task.queue || "default"}</${Fact}>
    <${Fact} name="Ran on">${where || "–"}</${Fact}>
    ${exitText(attempt) ? html`<${Fact} name="Ended because">
      <span class="reason">${exitText(attempt)}</span></${Fact}>` : null}
  </dl>`;
}

// The tab with the log: of one try, or of two side by side.

import { html, useEffect, useMemo, useReducer, useRef } from "../../lib/html.js";
import { Icon, StateIcon } from "../../components/icons.js";
import { EmptyNote, ErrorBox, Loading } from "../../components/notes.js";
import { path, withQuery } from "../../lib/path.js";
import { setQuery } from "../../lib/router.js";
import { stateLabel } from "../../lib/states.js";
import { LogStream } from "./log_stream.js";
import { LogView } from "./log_view.js";
import { isOngoing, stateOfTry, triesOf } from "./tries.js";

function logTarget({ dag_id, run_id, task }, tryNumber) {
  return path`/dags/${dag_id}/dagRuns/${run_id}`
    + path`/taskInstances/${task.task_id}/logs/${tryNumber}`;
}

function mapIndexOf(task) {
  return task.map_index >= 0 ? task.map_index : undefined;
}

// The log of a try, as it grows. A try that goes on writing after its log had ended (it was
// deferred, or not started yet) is read anew.
function useLog(target, map_index, state) {
  const [version, changed] = useReducer((n) => n + 1, 0);
  const stream = useMemo(() => new LogStream(target, { follow: "true", map_index }, changed),
    [target, map_index]);
  useEffect(() => () => stream.stop(), [stream]);
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    const isOver = stream.state === "ended" && isOngoing(state);
    if (isOver || ["missing", "failed"].includes(stream.state)) stream.restart();
  }, [state, stream]);
  return { stream, version };
}

function missingNote(task, state, stream) {
  if (isOngoing(state)) {
    const title = `The task is ${stateLabel(state).toLowerCase()}`;
    return html`<${EmptyNote} icon="clock" title=${title}>
      Its log appears here as soon as it writes one.</${EmptyNote}>`;
  }
  return html`<${EmptyNote} icon="log" title="This try has no log">${stream.problem}
  </${EmptyNote}>`;
}

function TryLog({ where, tryNumber, isActive, children }) {
  const { task } = where;
  const state = stateOfTry(task, tryNumber);
  const map_index = mapIndexOf(task);
  const target = logTarget(where, tryNumber);
  const { stream, version } = useLog(target, map_index, state);
  const isLive = stream.state === "live";
  const index = map_index === undefined ? "" : `-${map_index}`;
  const file = `${where.dag_id}-${where.run_id}-${task.task_id}${index}-${tryNumber}.log`;
  const tools = html`
    ${isLive && isOngoing(state)
      ? html`<span class="log-live" role="status"><i></i>Live</span>` : null}
    <a class="button small"
      href=${`/api/v1${withQuery(target, { full_content: "true", map_index })}`}
      download=${file}><${Icon} name="download" size=${14} /> Download</a>`;
  return html`<div class="try-log">${children}
    ${stream.state === "failed" ? html`<${ErrorBox} title="The log cannot be read"
      error=${{ message: stream.problem }} onRetry=${() => stream.restart()} />` : null}
    ${stream.state === "missing" ? missingNote(task, state, stream) : null}
    ${stream.state === "loading" && stream.log.lines.length === 0 ? html`<${Loading} />` : null}
    ${stream.log.lines.length > 0 || ["live", "ended"].includes(stream.state)
      ? html`<${LogView} log=${stream.log} version=${version} isLive=${isLive} tools=${tools}
        isActive=${isActive} label=${`Log of try ${tryNumber}`} />` : null}
  </div>`;
}

// Buttons for few tries, a list for many.
function TryChoice({ task, current, onChoose, label }) {
  const tries = triesOf(task);
  if (tries.length > 8) {
    return html`<label class="try-select">${label}
      <select value=${current} onChange=${(event) => onChoose(Number(event.target.value))}>
        ${tries.map((one) => html`<option key=${one} value=${one}>
          ${one} – ${stateLabel(stateOfTry(task, one))}</option>`)}</select></label>`;
  }
  return html`<div class="try-choice" role="group" aria-label=${label}><span>${label}</span>
    ${tries.map((one) => html`<button type="button" key=${one} class="try-button"
      aria-pressed=${one === current ? "true" : "false"} onClick=${() => onChoose(one)}
      title=${stateLabel(stateOfTry(task, one))}>
      <${StateIcon} state=${stateOfTry(task, one)} size=${12} /> ${one}</button>`)}</div>`;
}

// `where`: {dag_id, run_id, task}; `other` is the try to compare with, or null.
export function TaskLog({ where, tryNumber, other }) {
  const { task } = where;
  const tries = triesOf(task);
  if (tries.length === 0) {
    return html`<${EmptyNote} icon="clock" title="Not started yet">The log appears here as soon as
      the task runs.</${EmptyNote}>`;
  }
  const isComparing = other !== null && tries.includes(other);
  const before = tryNumber > 1 ? tryNumber - 1 : tries.at(-1);
  const choose = (name) => (one) => setQuery({ [name]: one === task.try_number && name === "try"
    ? null : one });
  return html`<div class="task-log">
    ${tries.length > 1 ? html`<div class="log-tries">
      <${TryChoice} task=${task} current=${tryNumber} onChoose=${choose("try")} label="Try" />
      <button type="button" class="button small" aria-pressed=${isComparing ? "true" : "false"}
        onClick=${() => setQuery({ compare: isComparing ? null : before })}>
        ${isComparing ? "Show one try" : "Compare two tries"}</button></div>` : null}
    <div class=${isComparing ? "log-pair" : "log-single"}>
      <${TryLog} key=${`a${tryNumber}`} where=${where} tryNumber=${tryNumber}>
        ${isComparing ? html`<h2>Try ${tryNumber}</h2>` : null}</${TryLog}>
      ${isComparing ? html`<${TryLog} key=${`b${other}`} where=${where} tryNumber=${other}
        isActive=${false}><${TryChoice} task=${task} current=${other}
        onChoose=${choose("compare")} label="Compared with try" /></${TryLog}>` : null}
    </div>
  </div>`;
}

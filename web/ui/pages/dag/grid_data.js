// The states of a DAG's tasks in its runs, from /ui/dags/{dag_id}/grid, kept up to date by changes.
// It is changed in place: `version` counts changes, versionOf(node) those that concern one row.
import { toMs } from "../../lib/moment.js";
import { stateName, worstState } from "../../lib/states.js";

const STATE = 0;
const START = 1;
const DURATION = 2;
const TRY = 3;
const COUNTS = 4;

function durationOf(change) {
  const start = toMs(change.start_date);
  const end = toMs(change.end_date);
  return start === null || end === null ? null : end - start;
}

function compareRuns(a, b) {
  return toMs(a.logical_date) - toMs(b.logical_date) || (a.run_id < b.run_id ? -1 : 1);
}

export class GridData {
  constructor(answer, structure) {
    this.structure = structure;
    this.states = [...answer.states];
    this.runs = answer.runs;
    this.runsMax = answer.runs_max;
    this.rows = new Map(Object.entries(answer.tasks));
    this.version = 0;
    this.runsVersion = 0;
    this.versions = new Map();
    this.summaries = new Map();
    this.refresh = () => {};  // asks the server for one run anew; set by what keeps this up to date
    this.place();
  }

  place() {
    this.places = new Map(this.runs.map((run, place) => [run.run_id, place]));
  }

  run(runId) {
    return this.runs[this.places.get(runId)] ?? null;
  }

  // {state, start (ms), duration (ms), tries, counts} or null where the task has no instance
  cell(taskId, place) {
    const cell = this.rows.get(taskId)?.[place];
    if (!cell) return null;
    return { state: this.states[cell[STATE]], start: cell[START], duration: cell[DURATION],
      tries: cell[TRY], counts: cell[COUNTS] ?? null };
  }

  // The state of a task's cell, null where it has no instance; cheaper than cell().
  state(taskId, place) {
    const cell = this.rows.get(taskId)?.[place];
    return cell ? this.states[cell[STATE]] : null;
  }

  // {state (the worst), counts} of the tasks of a group, null where none has an instance
  groupCell(node, place) {
    const stamp = `${this.versionOf(node)} ${this.runsVersion}`;
    let known = this.summaries.get(node.id);
    if (known?.stamp !== stamp) {
      known = { stamp, cells: new Map() };
      this.summaries.set(node.id, known);
    }
    if (!known.cells.has(place)) known.cells.set(place, this.summarize(node, place));
    return known.cells.get(place);
  }

  summarize(node, place) {
    const counts = {};
    for (const taskId of node.taskIds) {
      const cell = this.rows.get(taskId)?.[place];
      if (!cell) continue;
      for (const [state, count] of cell[COUNTS] ? Object.entries(cell[COUNTS])
        : [[this.states[cell[STATE]], 1]]) {
        counts[state] = (counts[state] ?? 0) + count;
      }
    }
    const states = Object.keys(counts);
    return states.length === 0 ? null : { state: worstState(states), counts };
  }

  versionOf(node) {
    return this.versions.get(node.id) ?? 0;
  }

  touch(taskId) {
    for (let node = this.structure.tasks.get(taskId); node; node = node.parent) {
      this.versions.set(node.id, this.versionOf(node) + 1);
    }
  }

  indexOf(state) {
    const name = stateName(state);
    if (!this.states.includes(name)) this.states.push(name);
    return this.states.indexOf(name);
  }

  // Applies changes of this DAG; returns the ids of runs that have to be asked for, since the
  // changes do not say enough. accepts(run): whether a new run belongs here.
  apply(changes, accepts) {
    const unknown = new Set();
    for (const change of changes) {
      if (change.table === "dag_run") this.applyRun(change, accepts, unknown);
      if (change.table === "task_instance") this.applyTask(change, unknown);
    }
    this.version += 1;
    return [...unknown].filter((runId) => this.places.has(runId));
  }

  applyRun(change, accepts, unknown) {
    const place = this.places.get(change.run_id);
    if (change.op === "delete") {
      if (place !== undefined) this.removeRun(place);
      return;
    }
    const { state, start_date, end_date, run_type, logical_date } = change;
    if (place !== undefined) {
      this.runs = this.runs.with(place, { ...this.runs[place], state, start_date, end_date });
      this.runsVersion += 1;
      return;
    }
    const run = { run_id: change.run_id, state, start_date, end_date, run_type, logical_date,
      conf: {}, note: null };
    if (!accepts(run)) return;
    this.insertRun(run);
    unknown.add(change.run_id);
  }

  applyTask(change, unknown) {
    const place = this.places.get(change.run_id);
    if (place === undefined) return;
    const row = this.rows.get(change.task_id);
    const isMapped = change.map_index >= 0 || this.structure.tasks.get(change.task_id)?.task
      .is_mapped;
    if (isMapped || !row) {
      unknown.add(change.run_id);
      return;
    }
    row[place] = change.op === "delete" ? null : [this.indexOf(change.state),
      toMs(change.start_date), durationOf(change), change.try_number];
    this.touch(change.task_id);
  }

  insertRun(run) {
    let at = this.runs.length;
    while (at > 0 && compareRuns(run, this.runs[at - 1]) < 0) at -= 1;
    this.runs = this.runs.toSpliced(at, 0, run);
    for (const row of this.rows.values()) row.splice(at, 0, null);
    this.runsVersion += 1;
    this.place();
  }

  removeRun(place) {
    this.runs = this.runs.toSpliced(place, 1);
    for (const row of this.rows.values()) row.splice(place, 1);
    this.runsVersion += 1;
    this.place();
  }

  // Takes the column of one run from an answer that has only this run.
  replaceRun(answer) {
    const [run] = answer.runs;
    if (!run) return;
    if (!this.places.has(run.run_id)) this.insertRun(run);
    const place = this.places.get(run.run_id);
    this.runs = this.runs.with(place, run);
    for (const [taskId, [cell]] of Object.entries(answer.tasks)) {
      if (!this.rows.has(taskId)) {
        this.rows.set(taskId, Array.from({ length: this.runs.length }, () => null));
      }
      const next = cell && [this.indexOf(answer.states[cell[STATE]]), ...cell.slice(1)];
      const row = this.rows.get(taskId);
      if (JSON.stringify(row[place]) === JSON.stringify(next)) continue;
      row[place] = next;
      this.touch(taskId);
    }
    this.version += 1;
    this.runsVersion += 1;
  }
}

// The grid as changes of the event stream reach it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GridData } from "../../web/ui/pages/dag/grid_data.js";
import { Structure } from "../../web/ui/pages/dag/structure.js";

const STRUCTURE = new Structure({
  dag_id: "sample",
  groups: [{ group_id: "g", label: "g", parent: null, tooltip: "", is_mapped: false }],
  tasks: ["g.a", "g.b", "mapped"].map((task_id) => ({ task_id, label: task_id, operator: "",
    group: task_id.startsWith("g.") ? "g" : null, downstream: [],
    is_mapped: task_id === "mapped" })),
});

function run(number, state = "running") {
  return { run_id: `r${number}`, state, logical_date: `2026-01-0${number}T00:00:00+00:00`,
    start_date: null, end_date: null, run_type: "manual" };
}

function grid() {
  return new GridData({
    states: ["none", "success", "failed"],
    runs: [run(1, "success"), run(3)],
    tasks: { "g.a": [[1, 1000, 500, 1], [0, null, null, 0]], "g.b": [[1, 1000, 500, 1], null],
      mapped: [[2, 1000, 500, 1, { success: 3, failed: 1 }], null] },
  }, STRUCTURE);
}

function change(run_id, task_id, state, more = {}) {
  return { table: "task_instance", op: "update", run_id, task_id, map_index: -1, state,
    try_number: 1, start_date: "2026-01-03T00:00:01+00:00", end_date: null, ...more };
}

const all = () => true;

test("a task instance that changes shows in its cell and in its group", () => {
  const data = grid();
  const [task, group] = [STRUCTURE.node("g.a"), STRUCTURE.node("g")];
  assert.equal(data.groupCell(group, 1).state, "none");
  const before = [data.versionOf(task), data.versionOf(group)];
  assert.deepEqual(data.apply([change("r3", "g.a", "running")], all), []);
  assert.equal(data.cell("g.a", 1).state, "running");
  assert.equal(data.cell("g.a", 1).start, Date.parse("2026-01-03T00:00:01Z"));
  assert.equal(data.groupCell(group, 1).state, "running");
  assert.notDeepEqual([data.versionOf(task), data.versionOf(group)], before);
});

test("the worst state stands for a group, and mapped instances count", () => {
  const data = grid();
  data.apply([change("r1", "g.b", "failed")], all);
  assert.deepEqual(data.groupCell(STRUCTURE.node("g"), 0),
    { state: "failed", counts: { success: 1, failed: 1 } });
  assert.deepEqual(data.summarize({ taskIds: ["mapped", "g.a"] }, 0).counts,
    { success: 4, failed: 1 });
});

test("of a mapped task the run is asked for, since a change tells of one instance only", () => {
  const data = grid();
  assert.deepEqual(data.apply([change("r1", "mapped", "failed", { map_index: 2 })], all), ["r1"]);
});

test("a new run takes its place by logical date; one that does not belong here does not", () => {
  const data = grid();
  const made = (number) => ({ table: "dag_run", op: "insert", ...run(number, "queued") });
  assert.deepEqual(data.apply([made(2)], all), ["r2"]);
  assert.deepEqual(data.runs.map(({ run_id }) => run_id), ["r1", "r2", "r3"]);
  assert.equal(data.state("g.a", 0), "success");
  assert.equal(data.state("g.a", 1), null);
  assert.equal(data.state("g.a", 2), "none");
  assert.deepEqual(data.apply([made(4)], () => false), []);
  assert.equal(data.runs.length, 3);
});

test("an answer for one run replaces its column", () => {
  const data = grid();
  data.replaceRun({ states: ["failed"], runs: [{ ...run(3, "failed"), note: "why" }],
    tasks: { "g.a": [[0, 1, 2, 3]], fresh: [[0, 1, 2, 3]] } });
  assert.equal(data.state("g.a", 1), "failed");
  assert.equal(data.state("fresh", 1), "failed");
  assert.equal(data.state("fresh", 0), null);
  assert.equal(data.run("r3").note, "why");
});

test("a run that is deleted goes", () => {
  const data = grid();
  data.apply([{ table: "dag_run", op: "delete", run_id: "r1" }], all);
  assert.deepEqual(data.runs.map(({ run_id }) => run_id), ["r3"]);
  assert.equal(data.state("g.a", 0), "none");
});

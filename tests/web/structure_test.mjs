// The tree of a DAG's tasks and groups, and where the cheap layout puts them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../web/ui/pages/dag/graph_model.js";
import { layeredLayout } from "../../web/ui/pages/dag/layered_layout.js";
import { Structure } from "../../web/ui/pages/dag/structure.js";

function task(task_id, downstream = [], more = {}) {
  const group = task_id.includes(".") ? task_id.slice(0, task_id.lastIndexOf(".")) : null;
  return { task_id, label: task_id.split(".").at(-1), operator: "EmptyOperator", group, downstream,
    ...more };
}

function group(group_id) {
  const parent = group_id.includes(".") ? group_id.slice(0, group_id.lastIndexOf(".")) : null;
  return { group_id, label: group_id, parent, tooltip: "", is_mapped: false };
}

const SAMPLE = new Structure({
  dag_id: "sample",
  groups: [group("g"), group("g.h")],
  tasks: [task("last"), task("g.b", ["last"]), task("g.h.a", ["g.b"]), task("first", ["g.h.a"])],
});

const ids = (rows) => rows.map(({ id }) => id);

test("rows stand in the order in which they run, inside of groups too", () => {
  assert.deepEqual(ids(SAMPLE.rows(new Set())), ["first", "g", "last"]);
  assert.deepEqual(ids(SAMPLE.rows(new Set(["g", "g.h"]))),
    ["first", "g", "g.h", "g.h.a", "g.b", "last"]);
});

test("a text finds tasks in closed groups", () => {
  assert.deepEqual(ids(SAMPLE.rows(new Set(), "H.A")), ["g", "g.h", "g.h.a"]);
});

test("closed groups stand for their tasks in the graph", () => {
  const closed = graphOf(SAMPLE, new Set());
  assert.deepEqual(ids(closed.nodes).sort(), ["first", "g", "last"]);
  assert.deepEqual(closed.edges.sort(), [["first", "g"], ["g", "last"]]);
  const half = graphOf(SAMPLE, new Set(["g"]));
  assert.deepEqual(ids(half.nodes).sort(), ["first", "g.b", "g.h", "last"]);
  assert.deepEqual(half.frames.map(({ id }) => id), ["g"]);
});

test("the cheap layout puts what comes later further right, and nothing onto another", () => {
  const graph = graphOf(SAMPLE, new Set(["g", "g.h"]));
  const { places } = layeredLayout(graph);
  for (const [from, to] of graph.edges) assert.ok(places.get(from).x < places.get(to).x);
  const seen = new Set([...places.values()].map(({ x, y }) => `${x} ${y}`));
  assert.equal(seen.size, graph.nodes.length);
});

test("groups that depend on each other both ways are drawn all the same", () => {
  const knot = new Structure({ dag_id: "knot", groups: [group("a"), group("b")],
    tasks: [task("a.one", ["b.one"]), task("b.one", ["a.two"]), task("a.two")] });
  assert.deepEqual(ids(knot.rows(new Set())), ["a", "b"]);
  assert.equal(layeredLayout(graphOf(knot, new Set())).places.size, 2);
});

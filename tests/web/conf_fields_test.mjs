// From params to the fields of the form that triggers a run, and back to conf.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf, readConf, readFields, withConf } from "../../web/ui/pages/dag/conf_fields.js";

function fields(schemas) {
  return fieldsOf(Object.fromEntries(Object.entries(schemas).map(
    ([name, [value, schema]]) => [name, { value, description: null, schema }])));
}

function typed(all, texts) {
  return all.map((field) => ({ ...field, raw: texts[field.name] ?? field.raw }));
}

test("what nobody touches is sent as it was", () => {
  const values = {
    day: ["2026-01-31", { type: "string", format: "date" }],
    at: ["2026-01-31T10:20:30+02:00", { type: "string", format: "date-time" }],
    mode: ["full", { enum: ["full", "delta", null] }],
    dry: [true, { type: "boolean" }],
    limit: [10, { type: "integer" }],
    ratio: [0.5, { type: "number" }],
    tables: [["a", "b"], { type: "array", items: { type: "string" } }],
    pairs: [[[1, 2]], { type: "array", items: { type: "array" } }],
    where: [{ a: { b: 1 } }, { type: "object" }],
    nothing: [null, { type: ["string", "null"] }],
    plain: ["text", {}],
  };
  const { conf, problems } = readFields(fields(values));
  assert.deepEqual(problems, {});
  assert.deepEqual(conf, Object.fromEntries(
    Object.entries(values).map(([name, [value]]) => [name, value])));
});

test("what is typed becomes a value of the param's type", () => {
  const all = fields({ limit: [1, { type: "integer" }], tables: [[], { type: "array" }],
    mode: ["full", { enum: ["full", 7] }], note: ["x", { type: ["string", "null"] }] });
  const { conf } = readFields(typed(all, { limit: "25", tables: "a\n\n b \n", mode: "7",
    note: "" }));
  assert.deepEqual(conf, { limit: 25, tables: ["a", "b"], mode: 7, note: null });
});

test("what is no value of the type is told for each field", () => {
  const all = fields({ limit: [1, { type: "integer" }], where: [{}, { type: "object" }],
    day: ["", { type: "string", format: "date" }] });
  const { problems } = readFields(typed(all, { limit: "2.5", where: "{a" }));
  assert.deepEqual(Object.keys(problems), ["limit", "where", "day"]);
  assert.match(problems.limit, /limit needs a whole number/);
  assert.match(problems.where, /where is no JSON/);
});

test("the conf of an earlier run fills the form", () => {
  const [limit, other] = withConf(fields({ limit: [1, { type: "integer" }], other: ["x", {}] }),
    { limit: 5 });
  assert.equal(limit.raw, "5");
  assert.equal(other.raw, "x");
});

test("conf is an object", () => {
  assert.deepEqual(readConf(""), {});
  assert.deepEqual(readConf('{"a": 1}'), { a: 1 });
  assert.throws(() => readConf("[1]"), /must be an object/);
  assert.throws(() => readConf("{"), /no JSON/);
});

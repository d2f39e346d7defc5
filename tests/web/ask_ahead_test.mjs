// What is asked ahead of a page is what the page gets, unless something has changed since.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { askAhead, dropAhead, get } from "../../web/ui/lib/api.js";

const asked = [];

mock.timers.enable({ apis: ["setTimeout"] });

beforeEach(() => {
  asked.length = 0;
  globalThis.fetch = async (address) => {
    asked.push(address);
    return Response.json({ number: asked.length });
  };
});

test("an answer asked ahead is taken once, by who asks for the same", async () => {
  askAhead("/ui/dags/a/grid", { runs: 5, before: null });
  assert.deepEqual(await get("/ui/dags/a/grid", { runs: 9 }), { number: 2 });
  assert.deepEqual(await get("/ui/dags/a/grid", { runs: 5 }), { number: 1 });
  assert.deepEqual(await get("/ui/dags/a/grid", { runs: 5 }), { number: 3 });
});

test("an answer from before a change is not taken", async () => {
  askAhead("/ui/dags");
  dropAhead();
  assert.deepEqual(await get("/ui/dags"), { number: 2 });
});

test("an answer that nobody takes is dropped after a while", async () => {
  askAhead("/ui/dags");
  mock.timers.tick(60_000);
  assert.deepEqual(await get("/ui/dags"), { number: 2 });
});

test("who takes an answer hears that it failed", async () => {
  globalThis.fetch = async () => Response.json({ title: "Not found" }, { status: 404 });
  askAhead("/dags/none");
  await assert.rejects(get("/dags/none"), { status: 404, title: "Not found" });
});

// The lines of a log: how they are cut from pieces of text, parsed, placed and searched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { colouredPieces, highlighted, LogLines, parseLine }
  from "../../web/ui/pages/task/log_lines.js";
import { LogRows, ROW_HEIGHT } from "../../web/ui/pages/task/log_rows.js";
import { LogSearch } from "../../web/ui/pages/task/log_search.js";

function linesOf(...pieces) {
  const log = new LogLines();
  for (const piece of pieces) log.add(piece);
  return log.lines;
}

test("lines do not depend on how the text was cut into pieces", () => {
  const text = "one\ntwo\r\n\nlast";
  const whole = linesOf(text);
  assert.deepEqual(whole, ["one", "two", "", "last"]);
  assert.deepEqual(linesOf(...text), whole);
});

test("a line grows in place until its end has come", () => {
  const log = new LogLines();
  log.add("ab");
  assert.deepEqual(log.lines, ["ab"]);
  log.add("c\n");
  assert.deepEqual(log.lines, ["abc"]);
});

test("a line without end is cut, and loses nothing", () => {
  const text = "x".repeat(100000);
  const lines = linesOf(text.slice(0, 30000), text.slice(30000));
  assert.ok(lines.every((line) => line.length <= 8000));
  assert.equal(lines.join(""), text);
});

test("what a carriage return has overwritten is not shown", () => {
  assert.deepEqual(linesOf("10 %\r50 %\r100 %\n"), ["100 %"]);
});

test("time, level and source are told apart from the text", () => {
  assert.deepEqual(
    parseLine("[2026-11-27T16:17:34.237+0000] {shop.py:27} WARNING - a warning"),
    { time: "2026-11-27T16:17:34.237+00:00", source: "{shop.py:27}", level: "WARNING",
      text: "a warning" });
  assert.deepEqual(parseLine("[2026-11-27T16:17:34.237+0000] plain"),
    { time: "2026-11-27T16:17:34.237+00:00", source: "", level: "", text: "plain" });
  assert.deepEqual(parseLine("[no time] ERROR - text"),
    { time: null, source: "", level: "", text: "[no time] ERROR - text" });
});

test("a terminal's colours become classes, its other sequences go", () => {
  assert.deepEqual(colouredPieces("a\u001b[1;31mred\u001b[0m\u001b[2Kb"), [
    { text: "a", className: "" }, { text: "red", className: "ansi-red ansi-bold" },
    { text: "b", className: "" }]);
});

test("what is searched for is marked wherever it stands, as plain text", () => {
  const pieces = highlighted([{ text: "a.b A.B axb", className: "" }], /a\.b/gi);
  assert.deepEqual(pieces.filter((piece) => piece.isHit).map((piece) => piece.text),
    ["a.b", "A.B"]);
  assert.equal(pieces.map((piece) => piece.text).join(""), "a.b A.B axb");
});

test("rows of wrapped lines are found again from where they are", () => {
  const lines = ["x".repeat(25), "", "[2026-11-27T16:17:34.237+0000] short", "y".repeat(11)];
  const rows = new LogRows(lines);
  rows.update(10);
  assert.equal(rows.total, (3 + 1 + 1 + 2) * ROW_HEIGHT);
  for (const [line] of lines.entries()) assert.equal(rows.lineAt(rows.top(line)), line);
  lines.push("z");
  rows.update(10);
  assert.equal(rows.lineAt(rows.total - 1), 4);
  rows.update(0);
  assert.equal(rows.total, 5 * ROW_HEIGHT);
});

test("a page is never higher than browsers can lay out", () => {
  const rows = new LogRows({ length: 5e6 });
  const view = 500;
  const { height, ratio } = rows.scale(view);
  assert.ok(height <= 12e6);
  assert.equal(Math.round((height - view) * ratio), rows.total - view);
});

test("a search goes on in what is written meanwhile", async () => {
  const lines = Array.from({ length: 120000 }, (_, place) => `line ${place}`);
  const more = await new Promise((resolve) => {
    const search = new LogSearch(lines, "LINE 11", () => {
      if (search.isDone) resolve(search);
    });
    assert.ok(!search.isDone, "a long log is searched in slices");
  });
  const found = lines.filter((line) => line.includes("line 11")).length;
  assert.equal(more.count, found);
  lines.push("line 11 again");
  more.goOn();
  assert.equal(more.count, found + 1);
  assert.equal(more.line(more.count - 1), 120000);
  assert.equal(more.line(more.indexFrom(60000)), 110000);
  more.goOn();
  assert.equal(more.count, found + 1, "the last line is counted once");
});

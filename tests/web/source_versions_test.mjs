// Which version of a source a run ran, and which lines of it are others now.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changedLines, versionAt } from "../../web/ui/pages/dag/source_versions.js";

const VERSIONS = ["2026-03-02T00:00:00+00:00", "2026-03-01T00:00:00+00:00"];

test("a run ran the newest version that was there when it started", () => {
  assert.equal(versionAt(VERSIONS, Date.parse("2026-03-01T12:00:00Z")), VERSIONS[1]);
  assert.equal(versionAt(VERSIONS, Date.parse(VERSIONS[0])), VERSIONS[0]);
  assert.equal(versionAt(VERSIONS, Date.parse("2026-02-28T00:00:00Z")), null);
  assert.equal(versionAt(VERSIONS, null), VERSIONS[0]);
});

function changed(text, other, effortMax) {
  const places = changedLines([...text].join("\n"), [...other].join("\n"), effortMax);
  return places && [...places].sort((a, b) => a - b);
}

test("lines that another version does not have are told", () => {
  assert.deepEqual(changed("abc", "abc"), []);
  assert.deepEqual(changed("abcd", "abxd"), [2]);
  assert.deepEqual(changed("abcdef", "abef"), [2, 3]);
  assert.deepEqual(changed("abc", "xabcy"), []);
  assert.deepEqual(changed("abcabba", "cbabac"), [0, 1, 5]);
});

function commonLength(a, b) {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      lengths[i][j] = a[i - 1] === b[j - 1] ? lengths[i - 1][j - 1] + 1
        : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
    }
  }
  return lengths[a.length][b.length];
}

test("no fewer lines could be told", () => {
  const all = ["a", "b"].flatMap((one) => ["", "a", "b", "c", "ab", "bc", "ca", "abc"].flatMap(
    (two) => ["c", "cab", "bb"].map((three) => one + two + three)));
  for (const a of all) {
    for (const b of all) {
      assert.equal(changed(a, b).length, a.length - commonLength(a, b), `${a} ${b}`);
    }
  }
});

test("where it takes too long, nothing is told", () => {
  assert.equal(changed("abcdef", "uvwxyz", 3), null);
});

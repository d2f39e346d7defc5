// No bundler checks the files of the web UI: that they find each other, and stay small.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../web/", import.meta.url));
const BYTES_MAX = 3_000_000;

const FILES = readdirSync(join(WEB, "ui"), { recursive: true })
  .map((file) => join(WEB, "ui", file)).filter((file) => statSync(file).isFile());
const VENDOR_LIST = readFileSync(join(WEB, "../src/api/CMakeLists.txt"), "utf8")
  .match(/set\(vendor_files([^)]*)\)/)[1].trim().split(/\s+/).map((file) => join(WEB, file));

// Where the server has a file of this address.
function fileOf(address, from) {
  const path = address.startsWith("/") ? join(WEB, address) : join(dirname(from), address);
  return normalize(path).replace(join(WEB, "ui/vendor/"), join(WEB, "node_modules/"));
}

test("every import and every link leads to a file that is part of the program", () => {
  const known = new Set([...FILES, ...VENDOR_LIST]);
  for (const file of FILES) {
    const text = readFileSync(file, "utf8");
    const found = [/\bfrom "([^"]+)"/g, /\bimport\("([^"]+)"\)/g, /^import "([^"]+)"/gm,
      /(?:href|src)="(\/ui\/[^"]+)"/g, /new URL\("([^"]+)"/g, /"(\/ui\/vendor\/[^"]+)"/g]
      .flatMap((pattern) => [...text.matchAll(pattern)].map(([, address]) => address));
    for (const address of found) {
      const wanted = fileOf(address, file);
      assert.ok(known.has(wanted), `${relative(WEB, file)} names ${address}, which is no file`);
    }
  }
});

// What a module imports as it is loaded, and what that imports.
function closureOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  if (VENDOR_LIST.includes(file)) return found;
  for (const [, address] of readFileSync(file, "utf8")
    .matchAll(/(?:^import|\bfrom) "([^"]+)"/gm)) closureOf(fileOf(address, file), found);
  return found;
}

test("the page asks at once for all modules that every page needs", () => {
  const index = readFileSync(join(WEB, "ui/index.html"), "utf8");
  const asked = [...index.matchAll(/(?:rel="modulepreload" href|type="module" src)="([^"]+)"/g)]
    .map(([, address]) => fileOf(address));
  const needed = new Set(["main.js", "shell.js"].flatMap(
    (name) => [...closureOf(join(WEB, "ui", name))]));
  assert.deepEqual(new Set(asked), needed);
});

test("nothing makes markup of text", () => {
  for (const file of FILES.filter((name) => name.endsWith(".js"))) {
    assert.doesNotMatch(readFileSync(file, "utf8"),
      /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/,
      relative(WEB, file));
  }
});

test("the whole UI stays small", () => {
  const bytes = [...FILES, ...VENDOR_LIST].reduce((sum, file) => sum + statSync(file).size, 0);
  assert.ok(bytes < BYTES_MAX, `${bytes} bytes`);
});

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const src = join(import.meta.dirname, "../..");
const sources = globSync("**/*.ts", { cwd: src }).filter((path) => !path.endsWith(".test.ts"));

/** Files that import something for its value before anything is asked of them. */
function importersOf(wanted: RegExp): string[] {
  const isImporter = (path: string) =>
    readFileSync(join(src, path), "utf8")
      .split(/^(?=import |export )/m)
      .some(
        (part) =>
          !/^(import|export) type/.test(part) && wanted.test(/^(?:import|export)[^;]*?from "([^"]+)"/.exec(part)?.[1] ?? ""),
      );
  return sources.filter(isImporter).sort();
}

test("the libraries of foreign protocols are loaded by the two commands that speak them, when they are called, and by no other", () => {
  assert.ok(sources.length > 200);
  assert.deepEqual(importersOf(/^@modelcontextprotocol\//), ["mcp/serve-mcp.ts"]);
  assert.ok(importersOf(/^@a2a-js\//).every((path) => path.startsWith("a2a/")));
  assert.deepEqual(importersOf(/serve-(mcp|a2a)\.ts$/), []);
  assert.deepEqual(importersOf(/\/a2a\/(?!.*task-step)/), []);
});

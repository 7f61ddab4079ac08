import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordingFile } from "../ports/recording-store.ts";
import { type PruneRules, prunePlan } from "./prune-plan.ts";
import { rotationPlan } from "./rotation-plan.ts";

const NOW = 100_000;

function file(id: string, more: Partial<RecordingFile> = {}): RecordingFile {
  const startedUnixMs = Number(id.slice(1)) * 1000;
  const modifiedUnixMs = startedUnixMs + 500;
  return { id, agent: "lead", path: `/x/${id}.cast`, startedUnixMs, modifiedUnixMs, bytes: 10, isBeingWritten: false, ...more };
}

const ids = (files: readonly RecordingFile[]) => files.map(({ id }) => id);
const pruned = (files: readonly RecordingFile[], rules: PruneRules) =>
  prunePlan(files, rules, NOW).map(({ file: { id }, reason }) => `${id} ${reason}`);

test("the oldest files go until as many are left as may be, and the one being written counts and stays", () => {
  const files = [file("r3"), file("r1"), file("r4", { isBeingWritten: true }), file("r2")];
  assert.deepEqual(ids(rotationPlan(files, 2)), ["r1", "r2"]);
  assert.deepEqual(ids(rotationPlan(files, 1)), ["r1", "r2", "r3"]);
  assert.deepEqual(ids(rotationPlan(files, 4)), []);
  assert.deepEqual(ids(rotationPlan([file("r1", { isBeingWritten: true }), file("r2")], 1)), ["r2"]);
});

test("what was last written longer ago than asked goes, and age is that of the last output", () => {
  const files = [file("r1"), file("r2", { modifiedUnixMs: 99_000 }), file("r90")];
  assert.deepEqual(pruned(files, { olderThanMs: 50_000 }), ["r1 older-than"]);
});

test("so many of each agent's newest stay", () => {
  const files = [file("r1"), file("r2"), file("r3", { agent: "coder0" }), file("r4")];
  assert.deepEqual(pruned(files, { keep: 1 }), ["r1 keep", "r2 keep"]);
  assert.deepEqual(pruned(files, { keep: 0 }), ["r1 keep", "r2 keep", "r3 keep", "r4 keep"]);
});

test("of all agents together the oldest go until the rest is small enough", () => {
  const files = [file("r1"), file("r2", { agent: "coder0" }), file("r3"), file("r4", { bytes: 1 })];
  assert.deepEqual(pruned(files, { maxBytes: 11 }), ["r1 max-bytes", "r2 max-bytes"]);
  assert.deepEqual(pruned(files, { maxBytes: 31 }), []);
  assert.equal(pruned(files, { maxBytes: 0 }).length, 4);
});

test("rules add up, each file goes once, and a limit of bytes looks at what the others left", () => {
  const files = [file("r1"), file("r2"), file("r3"), file("r4")];
  assert.deepEqual(pruned(files, { olderThanMs: 98_000, keep: 3, maxBytes: 20 }), ["r1 older-than", "r2 max-bytes"]);
});

test("what is being written never goes, whatever is asked", () => {
  const open = file("r1", { isBeingWritten: true, bytes: 1000 });
  assert.deepEqual(pruned([open], { olderThanMs: 0, keep: 0, maxBytes: 0 }), []);
  assert.deepEqual(pruned([open, file("r2")], { maxBytes: 1005 }), ["r2 max-bytes"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { newLines, withoutTrailingBlanks } from "./new-lines.ts";

test("lines below what was there are new", () => {
  assert.deepEqual(newLines(["a", "b"], ["a", "b", "c", "d"]), ["c", "d"]);
  assert.deepEqual(newLines([], ["a", "b"]), ["a", "b"]);
  assert.deepEqual(newLines(["a", "b"], ["a", "b"]), []);
});

test("text that scrolled up is recognised, and only what came below is new", () => {
  assert.deepEqual(newLines(["a", "b", "c"], ["b", "c", "d"]), ["d"]);
  assert.deepEqual(newLines(["a", "b", "c"], ["c", "d", "e"]).slice(-2), ["d", "e"]);
});

test("a last line that has grown since is sent as it is now", () => {
  assert.deepEqual(newLines(["a", "50 %"], ["a", "100 %", "done"]), ["100 %", "done"]);
  assert.deepEqual(newLines(["a", "b", "50 %"], ["b", "100 %", "done"]), ["100 %", "done"]);
});

test("a screen that redraws in place gives the lines that differ, without blank ones", () => {
  assert.deepEqual(newLines(["top", "x", "y", "z"], ["top", "X", "", "Z"]), ["X", "Z"]);
});

test("a cleared screen gives what is on it now", () => {
  assert.deepEqual(newLines(["a", "b", "c"], ["fresh"]), ["fresh"]);
  assert.deepEqual(newLines(["a", "b", "c"], []), []);
});

test("an output of distinct lines is reassembled without loss or repetition, however it is cut", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seededRandom(seed);
    const all = Array.from({ length: 60 }, (_, index) => `line ${index}`);
    const window = 10 + Math.floor(random() * 60);
    let length = 1 + Math.floor(random() * 5);
    let before = all.slice(0, length).slice(-window);
    const seen = [...before];
    while (length < all.length) {
      // At least two lines of what was seen stay in the window, else nothing can be told apart.
      length = Math.min(all.length, length + 1 + Math.floor(random() * (window - 2)));
      const now = all.slice(0, length).slice(-window);
      seen.push(...newLines(before, now));
      before = now;
    }
    assert.deepEqual(seen, all, `seed ${seed}, window ${window}`);
  }
});

test("two long texts that have nothing in common are compared in no time", () => {
  const [before, after] = ["x", "y"].map((letter) => Array.from({ length: 4000 }, (_, index) => `${letter}${index}`));
  const startMs = performance.now();
  newLines(before ?? [], after ?? []);
  const same = Array.from({ length: 4000 }, () => "same");
  newLines(same, [...same.slice(1), "new"]);
  assert.ok(performance.now() - startMs < 2000);
});

test("trailing blank lines are taken off, others stay", () => {
  assert.deepEqual(withoutTrailingBlanks(["a", "", "b", "", "  "]), ["a", "", "b"]);
  assert.deepEqual(withoutTrailingBlanks(["", ""]), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { nearNames, slipsBetween } from "./near-names.ts";

const fleet = ["lead", "coder0", "coder1", "coder10", "reviewer0", "Canary"];

test("a missing, added, wrong or swapped letter is one slip", () => {
  for (const [typed, meant] of [
    ["codr0", "coder0"],
    ["codeer0", "coder0"],
    ["coder9", "coder0"],
    ["ocder0", "coder0"],
  ] as const) {
    assert.equal(slipsBetween(typed, meant, 3), 1, typed);
  }
  assert.equal(slipsBetween("abc", "abc", 3), 0);
  assert.equal(slipsBetween("abcdef", "uvwxyz", 3), undefined);
  assert.equal(slipsBetween("", "abc", 3), 3);
});

test("names that begin with what was typed come first, the shortest of them leading", () => {
  assert.deepEqual(nearNames("coder1", fleet), ["coder1", "coder10", "coder0"]);
  assert.deepEqual(nearNames("cod", fleet), ["coder0", "coder1", "coder10"]);
});

test("case does not matter, and the answer keeps the candidate's own case", () => {
  assert.deepEqual(nearNames("CANARY", fleet), ["Canary"]);
  assert.deepEqual(nearNames("canray", fleet), ["Canary"]);
});

test("nothing is suggested when nothing is near", () => {
  assert.deepEqual(nearNames("orchestrator", fleet), []);
  assert.deepEqual(nearNames("", fleet), []);
  assert.deepEqual(nearNames("lead", []), []);
});

test("at most the number asked for is answered, each name once", () => {
  assert.deepEqual(nearNames("coder", ["coder0", "coder0", "coder1", "coder2"], 2), ["coder0", "coder1"]);
});

test("the bounded count agrees with an unbounded one on 3000 random pairs", () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const word = (): string => Array.from({ length: random(9) }, () => "abc"[random(3)]).join("");
  for (let round = 0; round < 3000; round++) {
    const [a, b, limit] = [word(), word(), random(5)];
    const full = plainSlips(a, b);
    assert.equal(slipsBetween(a, b, limit), full <= limit ? full : undefined, `${a} ${b} ${limit}`);
  }
});

test("10,000 long candidates are searched within seconds, even when they differ from the first letter on", () => {
  const candidates = Array.from({ length: 10_000 }, (_, index) => `${"a".repeat(190)}${index}`);
  const before = process.cpuUsage();
  assert.equal(nearNames(`${"a".repeat(189)}b4711`, candidates).length, 3);
  assert.equal(nearNames(`b${"a".repeat(190)}4711`, candidates).length, 3);
  // Of the processor: whoever else works on it is not to blame.
  const { user } = process.cpuUsage(before);
  assert.ok(user < 5_000_000, `${user} us`);
});

function plainSlips(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, row) =>
    Array.from({ length: b.length + 1 }, (_, column) => (row ? (column ? 0 : row) : column)),
  );
  const at = (row: number, column: number): number => table[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(row - 2, column - 2) + 1);
      (table[row] ?? [])[column] = best;
    }
  }
  return at(a.length, b.length);
}

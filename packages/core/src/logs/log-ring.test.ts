import assert from "node:assert/strict";
import { test } from "node:test";
import { LogRing } from "./log-ring.ts";

const ring = (limits: { maxLines?: number; maxCharacters?: number } = {}) => new LogRing({ epoch: "e-1", ...limits });

test("lines are read in order, from wherever a reader stands", () => {
  const log = ring();
  for (const text of ["one\n", "two\n", "three\n"]) log.add(text);
  assert.deepEqual(log.read(0, 2), { lines: ["one", "two"], missed: 0, next: 2 });
  assert.deepEqual(log.read(2, 9), { lines: ["three"], missed: 0, next: 3 });
  assert.deepEqual(log.read(3, 9), { lines: [], missed: 0, next: 3 });
});

test("no more lines are held than may be, and a reader that was too slow is told how many it missed", () => {
  const log = ring({ maxLines: 3 });
  for (let index = 0; index < 10; index += 1) log.add(`line ${index}`);
  assert.deepEqual([log.first, log.written], [7, 10]);
  assert.deepEqual(log.read(2, 2), { lines: ["line 7", "line 8"], missed: 5, next: 9 });
  assert.deepEqual(log.read(9, 2), { lines: ["line 9"], missed: 0, next: 10 });
});

test("no more characters are held than may be, however long lines are", () => {
  const log = ring({ maxCharacters: 100 });
  for (let index = 0; index < 50; index += 1) log.add("x".repeat(index));
  assert.equal(log.read(0, 99).lines.join("").length <= 100, true);
  assert.equal(log.read(0, 99).lines.at(-1)?.length, 49);
  assert.equal(ring().read(0, 9, 5).lines.length, 0);
  const long = ring();
  long.add("y".repeat(10));
  long.add("z".repeat(10));
  assert.equal(long.read(0, 9, 5).lines.length, 1, "one line is read whatever it has");
});

test("a line that is too long is cut, and keeps its time and level", () => {
  const log = ring();
  log.add(`{"level":50,"time":1700000000000,"role":"node","msg":"${"é\\n".repeat(10_000)}"}\n`);
  const [line = ""] = log.read(0, 1).lines;
  assert.ok(line.length < 20_000);
  const { level, time, msg } = JSON.parse(line);
  assert.deepEqual([level, time], [50, 1_700_000_000_000]);
  assert.match(msg, /^\(\d+ characters, cut\)/);
});

test("whoever waits is woken by the next line, and by the signal", async () => {
  const log = ring();
  const stop = new AbortController();
  const woken = log.beyond(0, stop.signal);
  log.add("a line");
  await woken;
  await log.beyond(0, stop.signal);
  const waiting = log.beyond(1, stop.signal);
  stop.abort();
  await waiting;
});

test("what is written goes where it went before, too", () => {
  const log = ring();
  const sunk: string[] = [];
  log.alsoTo({ write: (line) => sunk.push(line) }).write("a line\n");
  assert.deepEqual([sunk, log.read(0, 1).lines], [["a line\n"], ["a line"]]);
});

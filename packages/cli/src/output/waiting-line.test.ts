import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@mosaic/testkit";
import { type MemoryIoOptions, memoryIo } from "../io/memory-io.ts";
import { showWaiting } from "./waiting-line.ts";

/** All that a wait of `ms` writes, its lines apart. */
async function written(ms: number, options: MemoryIoOptions = {}, isJson = false): Promise<string[]> {
  const clock = new FakeClock();
  const io = memoryIo({ isStderrTerminal: true, ...options, clock });
  const waiting = showWaiting("asking npm", 30_000, isJson, io);
  await clock.advance(ms);
  await waiting[Symbol.asyncDispose]();
  await clock.advance(5000);
  assert.equal(clock.sleeperCount, 0);
  return io.stderr.text.split("\r\x1b[K").slice(1);
}

test("a wait tells on one line, drawn over every second, what for and how long, and wipes it away", async () => {
  assert.deepEqual(await written(2500), [
    "mosaic: asking npm … 0 s of at most 30 s",
    "mosaic: asking npm … 1 s of at most 30 s",
    "mosaic: asking npm … 2 s of at most 30 s",
    "",
  ]);
});

test("a wait that is over at once, one for a program and one without a terminal show nothing", async () => {
  assert.deepEqual(await written(200), []);
  assert.deepEqual(await written(2500, {}, true), []);
  assert.deepEqual(await written(2500, { isStderrTerminal: false }), []);
  assert.deepEqual(await written(2500, { env: { TERM: "dumb" } }), []);
});

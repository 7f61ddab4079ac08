import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./system-clock.ts";

test("sleep lasts as long as asked for", async () => {
  const startedMs = systemClock.monotonicMs();
  await systemClock.sleep(30, new AbortController().signal);
  assert.ok(systemClock.monotonicMs() - startedMs >= 29);
});

test("sleep resolves at once when the signal aborts, also when it did before", async () => {
  const abort = new AbortController();
  const startedMs = systemClock.monotonicMs();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  abort.abort();
  await sleeping;
  await systemClock.sleep(60_000, abort.signal);
  assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
});

test("wall time is the machine's", () => {
  assert.ok(Math.abs(systemClock.nowUnixMs() - Date.now()) < 1_000);
});

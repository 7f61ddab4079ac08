import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { systemClock } from "../system-clock.ts";
import { startDeadline } from "./deadline.ts";

const late = () => new MosaicError("MACHINE", "late");
const never = new Promise<never>(() => {});
const code = (expected: string) => (error: unknown) => error instanceof MosaicError && error.code === expected;

test("work that is done in time has its own result, good or bad", async () => {
  using deadline = startDeadline(systemClock, 10_000, new AbortController().signal, late);
  assert.equal(await deadline.race(Promise.resolve(1)), 1);
  await assert.rejects(deadline.race(Promise.reject(new Error("own"))), /own/);
  assert.equal(deadline.isLate, false);
});

test("work that is not done in time is late", async () => {
  using deadline = startDeadline(systemClock, 5, new AbortController().signal, late);
  await assert.rejects(deadline.race(never), code("MACHINE"));
  assert.equal(deadline.isLate, true);
  await assert.rejects(deadline.race(never), code("MACHINE"));
});

test("a caller who goes away is CANCELLED and not late", async () => {
  const caller = new AbortController();
  using deadline = startDeadline(systemClock, 10_000, caller.signal, late);
  const racing = assert.rejects(deadline.race(never), code("CANCELLED"));
  caller.abort();
  await racing;
  assert.equal(deadline.isLate, false);
});

test("a limit that is lifted ends nothing", async () => {
  const deadline = startDeadline(systemClock, 5, new AbortController().signal, late);
  deadline[Symbol.dispose]();
  const winner = await Promise.race([
    deadline.race(never),
    systemClock.sleep(30, new AbortController().signal).then(() => "time went by"),
  ]);
  assert.equal(winner, "time went by");
});

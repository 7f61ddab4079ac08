import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, silentLog } from "@mosaic/core";
import { FakeClock, memoryMessageStore } from "@mosaic/testkit";
import { forgetHourly } from "./forget-hourly.ts";

test("what is long over is forgotten at the start and each hour, also after it once failed, until it is stopped", async () => {
  const clock = new FakeClock();
  const calls: number[] = [];
  const store = Object.assign(memoryMessageStore(), {
    async forget(nowUnixMs: number) {
      calls.push(nowUnixMs);
      if (calls.length === 2) throw new MosaicError("STORE_UNAVAILABLE", "the disk is full");
      return 1;
    },
  });
  const running = forgetHourly(store, clock, silentLog);
  await clock.advance(3 * 3_600_000 - 1);
  assert.equal(calls.length, 3);
  await running[Symbol.asyncDispose]();
  await clock.advance(10 * 3_600_000);
  assert.deepEqual([calls.length, clock.sleeperCount], [3, 0]);
});

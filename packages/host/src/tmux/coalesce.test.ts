import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "@mosaic/core";
import { createCoalescer } from "./coalesce.ts";

/** A clock whose sleeps end when told to. */
function handClock() {
  let wakeAll = () => {};
  const clock: Clock = {
    nowUnixMs: () => 0,
    monotonicMs: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        wakeAll = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  const pass = async () => {
    wakeAll();
    await turn();
  };
  return { clock, pass };
}

test("pokes of one step of work are one call, made at once", async () => {
  const { clock } = handClock();
  let calls = 0;
  const coalescer = createCoalescer(clock, 10, () => {
    calls += 1;
  });
  coalescer.poke();
  coalescer.poke();
  assert.equal(calls, 0);
  await turn();
  assert.equal(calls, 1);
});

test("pokes within the interval are one call after it, and none is forgotten", async () => {
  const { clock, pass } = handClock();
  let calls = 0;
  const coalescer = createCoalescer(clock, 10, () => {
    calls += 1;
  });
  coalescer.poke();
  await turn();
  coalescer.poke();
  coalescer.poke();
  await turn();
  assert.equal(calls, 1);
  await pass();
  assert.equal(calls, 2);
  await pass();
  assert.equal(calls, 2);
  coalescer.poke();
  await turn();
  assert.equal(calls, 3);
});

test("after disposal nothing is called, also not what was poked before", async () => {
  const { clock, pass } = handClock();
  let calls = 0;
  const coalescer = createCoalescer(clock, 10, () => {
    calls += 1;
  });
  coalescer.poke();
  coalescer[Symbol.dispose]();
  await pass();
  coalescer.poke();
  await turn();
  assert.equal(calls, 0);
});

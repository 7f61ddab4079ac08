import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@mosaic/testkit";
import { RetryPause } from "./retry-pause.ts";

/** How long a pause lasts, in ms of a clock that is moved in steps of 10. */
async function lastsMs(clock: FakeClock, pause: Promise<void>): Promise<number> {
  const fromMs = clock.monotonicMs();
  let isOver = false;
  void pause.then(() => {
    isOver = true;
  });
  for (await clock.advance(0); !isOver; ) await clock.advance(10);
  return clock.monotonicMs() - fromMs;
}

function newPause() {
  const clock = new FakeClock();
  const over = new AbortController();
  return { clock, over, pause: new RetryPause(clock, over.signal) };
}

test("the pause doubles with each failure from 50 ms to 2 s, and a connection that lasted makes it short again", async () => {
  const { clock, pause } = newPause();
  const lengths: number[] = [];
  for (let failure = 0; failure < 8; failure += 1) lengths.push(await lastsMs(clock, pause.afterFailure()));
  assert.deepEqual(lengths, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
  assert.equal(await lastsMs(clock, pause.afterConnection(999)), 2000);
  assert.equal(await lastsMs(clock, pause.afterConnection(1000)), 0);
  assert.equal(await lastsMs(clock, pause.afterConnection(0)), 50);
});

test("while nobody is there the next look is after 2 s, or at once when something wakes", async () => {
  const { clock, pause } = newPause();
  assert.equal(await lastsMs(clock, pause.afterAbsence()), 2000);
  const woken = pause.afterAbsence();
  await clock.advance(0);
  pause.wake();
  assert.equal(await lastsMs(clock, woken), 0);
});

test("what woke before an attempt began ends no pause behind it; what woke during it does", async () => {
  const { clock, pause } = newPause();
  pause.wake();
  pause.begin();
  assert.equal(await lastsMs(clock, pause.afterAbsence()), 2000);
  pause.begin();
  pause.wake();
  assert.equal(await lastsMs(clock, pause.afterAbsence()), 0);
});

test("after a failure nothing ends the first 50 ms", async () => {
  const { clock, pause } = newPause();
  for (let failure = 0; failure < 5; failure += 1) await lastsMs(clock, pause.afterFailure());
  pause.wake();
  assert.equal(await lastsMs(clock, pause.afterFailure()), 50);
});

test("the end ends a pause at once", async () => {
  const { clock, over, pause } = newPause();
  const paused = pause.afterAbsence();
  await clock.advance(0);
  over.abort();
  assert.equal(await lastsMs(clock, paused), 0);
});

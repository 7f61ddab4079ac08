import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "@mosaic/testkit";
import { PokedLoop } from "./poked-loop.ts";

const PAUSE_MS = 5000;

/** A loop whose work notes when it begins, and where it `isHeld` lasts until `finish`. */
function aLoop({ pauseMs = (): number => PAUSE_MS, end = () => {} } = {}) {
  const clock = new FakeClock();
  const beganAtMs: number[] = [];
  const held = { isHeld: false, finish: () => {} };
  const work = async () => {
    beganAtMs.push(clock.monotonicMs());
    if (held.isHeld)
      await new Promise<void>((resolve) => {
        held.finish = resolve;
      });
    end();
  };
  return { clock, beganAtMs, held, loop: new PokedLoop({ clock, pauseMs, work }) };
}

test("the work is done after each pause, which is as long as is said when it begins", async () => {
  const pauses = [5000, 1000, 3000];
  const { clock, beganAtMs, loop } = aLoop({ pauseMs: () => pauses.shift() ?? PAUSE_MS });
  await using _ = loop;
  loop.start();
  await clock.advance(9500);
  assert.deepEqual(beganAtMs, [5000, 6000, 9000]);
});

test("a poke during the pause ends it, and the next pause is a whole one", async () => {
  const { clock, beganAtMs, loop } = aLoop();
  await using _ = loop;
  loop.start();
  await clock.advance(2000);
  loop.poke();
  await clock.advance(PAUSE_MS);
  assert.deepEqual(beganAtMs, [2000, 7000]);
});

test("after a poke the start begins with the work, before it returns", async () => {
  const { beganAtMs, loop } = aLoop();
  await using _ = loop;
  loop.poke();
  await settle();
  assert.deepEqual(beganAtMs, []);
  loop.start();
  assert.deepEqual(beganAtMs, [0]);
});

test("a poke during the work is not lost: it is done once more, at once", async () => {
  const { clock, beganAtMs, held, loop } = aLoop();
  await using _ = loop;
  held.isHeld = true;
  loop.start();
  await clock.advance(PAUSE_MS);
  loop.poke();
  await clock.advance(100);
  assert.deepEqual(beganAtMs, [5000], "never twice at the same time");
  held.isHeld = false;
  held.finish();
  await settle();
  assert.deepEqual(beganAtMs, [5000, 5100]);
  await clock.advance(PAUSE_MS - 1);
  assert.equal(beganAtMs.length, 2);
});

test("many pokes make the work be done once", async () => {
  const { clock, beganAtMs, loop } = aLoop();
  await using _ = loop;
  loop.start();
  await clock.advance(1000);
  for (let poke = 0; poke < 10; poke += 1) loop.poke();
  await clock.advance(1000);
  assert.deepEqual(beganAtMs, [1000]);
});

test("disposing ends a pause at once, without the work, also of one that was poked", async () => {
  for (const isPoked of [false, true]) {
    const { clock, beganAtMs, loop } = aLoop();
    loop.start();
    await clock.advance(100);
    if (isPoked) loop.poke();
    await loop[Symbol.asyncDispose]();
    await clock.advance(PAUSE_MS);
    assert.deepEqual([beganAtMs, clock.sleeperCount], [[], 0]);
  }
});

test("disposing waits for the work under way, which sees it", async () => {
  const { clock, beganAtMs, held, loop } = aLoop();
  held.isHeld = true;
  loop.start();
  await clock.advance(PAUSE_MS);
  assert.equal(loop.isStopped, false);
  let isDisposed = false;
  const disposing = loop[Symbol.asyncDispose]().then(() => {
    isDisposed = true;
  });
  loop.poke();
  await settle();
  assert.deepEqual([loop.isStopped, isDisposed], [true, false]);
  held.finish();
  await disposing;
  assert.deepEqual([beganAtMs, clock.sleeperCount], [[5000], 0]);
});

test("one that was disposed before its start does nothing", async () => {
  const { clock, beganAtMs, loop } = aLoop();
  await loop[Symbol.asyncDispose]();
  loop.poke();
  loop.start();
  await clock.advance(PAUSE_MS);
  assert.deepEqual([beganAtMs, clock.sleeperCount], [[], 0]);
});

test("what the work throws is not hidden: disposing throws it", async () => {
  const { clock, held, loop } = aLoop({
    end: () => {
      throw new Error("the work failed");
    },
  });
  held.isHeld = true;
  loop.start();
  await clock.advance(PAUSE_MS);
  const refused = assert.rejects(loop[Symbol.asyncDispose](), /^Error: the work failed$/);
  held.finish();
  await refused;
});

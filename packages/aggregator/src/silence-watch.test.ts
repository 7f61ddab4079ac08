import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, settle } from "@mosaic/testkit";
import { SilenceWatch } from "./silence-watch.ts";

test("each is looked at when it is due, at most a quarter of a second later, and those due by then together", async () => {
  const clock = new FakeClock();
  const watch = new SilenceWatch(clock);
  const stop = new AbortController();
  const looks: string[] = [];
  const member = (name: string, everyMs: number) => () => {
    looks.push(`${name} ${clock.monotonicMs()}`);
    return everyMs;
  };
  const startMs = clock.monotonicMs();
  assert.equal(startMs % 250, 0);
  watch.watch(member("a", 1010), stop.signal);
  watch.watch(member("b", 1240), stop.signal);
  watch.watch(member("once", Number.POSITIVE_INFINITY), stop.signal);
  looks.length = 0;
  await clock.advance(1250);
  await settle();
  assert.deepEqual(looks, [`a ${startMs + 1250}`, `b ${startMs + 1250}`]);
  watch.watch(member("soon", 250), stop.signal);
  looks.length = 0;
  await clock.advance(250);
  await settle();
  assert.deepEqual(looks, [`soon ${startMs + 1500}`], "who is due before the others is not kept waiting by them");
  stop.abort("over");
  looks.length = 0;
  await clock.advance(10_000);
  await settle();
  assert.deepEqual(looks, []);
});

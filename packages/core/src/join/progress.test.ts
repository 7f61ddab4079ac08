import assert from "node:assert/strict";
import { test } from "node:test";
import { aPane, aReading } from "@mosaic/testkit";
import { HeartbeatStatus } from "@mosaic/wire";
import type { HeartbeatReading } from "./heartbeat-reading.ts";
import { isWedged, noteProgress, type ProgressMemory, WEDGED_AFTER_MS } from "./progress.ts";

const beat = (fields: Partial<HeartbeatReading>) => new Map([["lead", aReading({ status: HeartbeatStatus.BUSY, ...fields })]]);
const movedAt = (memory: ProgressMemory) => memory.get("lead")?.movedAtUnixMs;

test("an agent moves when it becomes busy, when a turn begins, and when it is busy no more", () => {
  let memory = noteProgress(new Map(), beat({ status: HeartbeatStatus.IDLE }), 1);
  const steps: [Partial<HeartbeatReading>, number | undefined][] = [
    [{ turnId: "a" }, 2],
    [{ turnId: "a" }, 2],
    [{ turnId: "b" }, 4],
    [{ turnId: "b", status: HeartbeatStatus.WAITING }, 5],
    [{ turnId: "b" }, 6],
  ];
  for (const [index, [fields, expected]] of steps.entries()) {
    memory = noteProgress(memory, beat(fields), index + 2);
    assert.equal(movedAt(memory), expected, `step ${index}`);
  }
});

test("a heartbeat that names no turn moves nothing", () => {
  const memory = noteProgress(new Map(), beat({ turnId: "a" }), 1);
  const between = noteProgress(memory, beat({ turnId: "" }), 2);
  assert.equal(movedAt(noteProgress(between, beat({ turnId: "a" }), 3)), 1);
});

test("agents without a heartbeat are forgotten", () => {
  assert.equal(noteProgress(noteProgress(new Map(), beat({}), 1), new Map(), 2).size, 0);
});

test("neither output nor a new turn for ten minutes is wedged, and either of them is not", () => {
  const progress = { isBusy: true, turnId: "a", movedAtUnixMs: 0 };
  const late = WEDGED_AFTER_MS + 1;
  assert.equal(isWedged(progress, aPane(), WEDGED_AFTER_MS), false);
  assert.equal(isWedged(progress, aPane(), late), true);
  assert.equal(isWedged(progress, aPane({ lastActivityUnixMs: 1 }), late), false);
  assert.equal(isWedged({ ...progress, movedAtUnixMs: 1 }, aPane(), late), false);
  assert.equal(isWedged({ ...progress, isBusy: false }, aPane(), late), false);
  assert.equal(isWedged(progress, aPane({ isDead: true }), late), false);
  assert.equal(isWedged(progress, undefined, late), false);
  assert.equal(isWedged(undefined, aPane(), late), false, "when nobody remembers");
  assert.equal(isWedged(progress, aPane(), late, 1), false, "its hooks told that it goes on");
});

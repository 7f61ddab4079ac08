import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMessage } from "@bufbuild/protobuf";
import { aPane, aReading, aRoster } from "@mosaic/testkit";
import { type Agent, AgentSchema } from "@mosaic/wire";
import { createRowMemory, joinPlanes } from "./join-planes.ts";
import type { PlaneReadings } from "./plane-readings.ts";

const readings: PlaneReadings = {
  ...{ roster: aRoster(), hostId: "h1", nowUnixMs: 0, panes: [aPane()], heartbeats: new Map(), progress: new Map() },
  ...{ units: { kind: "absent", reason: "none here" }, driftIn: () => undefined, runtimeIn: () => undefined },
};

/** A fleet of one whose agent beats. */
function beating() {
  const memory = createRowMemory();
  let atUnixMs = 0;
  return (more: Partial<PlaneReadings> = {}): Agent => {
    atUnixMs += 15_000;
    const heartbeats = new Map([["lead", aReading({ atUnixMs })]]);
    const [row] = joinPlanes({ ...readings, nowUnixMs: atUnixMs, heartbeats, ...more }, memory);
    assert.ok(row);
    return row;
  };
}

test("a row that brings a new heartbeat takes the pane over from the row before, until the pane is another", () => {
  const beat = beating();
  const [first, second] = [beat(), beat()];
  assert.notEqual(second, first);
  assert.notDeepEqual(second.heartbeat, first.heartbeat);
  assert.equal(second.pane, first.pane);
  const third = beat({ panes: [aPane({ pid: 77 })] });
  assert.deepEqual([third.pane?.pid, second.pane?.pid === 77], [77, false]);
  assert.equal(beat({ panes: [] }).pane, undefined);
});

test("a row is a message like any other", () => {
  assert.ok(isMessage(beating()(), AgentSchema));
});

test("ten thousand rows of new heartbeats, as a node keeps them for readers that come back, take less than 8 MB", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const beat = beating();
  const rows = Array.from({ length: 100 }, () => beat());
  collect();
  const before = process.memoryUsage().heapUsed;
  while (rows.length < 10_100) rows.push(beat());
  collect();
  const perRow = (process.memoryUsage().heapUsed - before) / 10_000;
  assert.equal(rows.length, 10_100);
  assert.ok(perRow < 800, `${Math.round(perRow)} bytes each`);
});

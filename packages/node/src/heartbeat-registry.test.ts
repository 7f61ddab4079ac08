import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FakeClock } from "@mosaic/testkit";
import { Evidence, HeartbeatRequestSchema, HeartbeatStatus } from "@mosaic/wire";
import { HeartbeatRegistry } from "./heartbeat-registry.ts";

const report = (name: string, fields: object = {}) => create(HeartbeatRequestSchema, { agent: { name }, ...fields });

test("the newest report of an agent stands, at the time of the node's own clock", async () => {
  const clock = new FakeClock();
  const registry = new HeartbeatRegistry(clock);
  registry.take(report("lead", { status: HeartbeatStatus.BUSY, turnId: "t-1" }));
  await clock.advance(1000);
  registry.take(report("lead", { status: HeartbeatStatus.WAITING, waitingFor: "permission", intervalMs: 2000 }));
  const reading = registry.readings().get("lead");
  assert.deepEqual(
    [reading?.atUnixMs, reading?.status, reading?.waitingFor, reading?.turnId],
    [clock.nowUnixMs(), HeartbeatStatus.WAITING, "permission", ""],
  );
  assert.deepEqual([reading?.evidence, reading?.intervalMs], [Evidence.HOOK, 2000]);
});

test("an agent is told the interval to keep, and that is what is assumed of one that promises none", () => {
  const registry = new HeartbeatRegistry(new FakeClock());
  assert.equal(registry.take(report("lead")), 15_000);
  assert.equal(registry.readings().get("lead")?.intervalMs, 15_000);
});

test("strangers can't fill the memory, and do not push out who reports again and again", () => {
  const registry = new HeartbeatRegistry(new FakeClock());
  for (let index = 0; index < 10_000; index += 1) {
    registry.take(report(`stranger-${index}`));
    if (index % 1000 === 0) registry.take(report("lead"));
  }
  assert.equal(registry.readings().size, 2000);
  assert.ok(registry.readings().has("lead"));
});

test("who listens hears of every report until it stops listening", () => {
  const registry = new HeartbeatRegistry(new FakeClock());
  const heard: string[] = [];
  const listening = registry.onChange((name) => heard.push(name));
  registry.take(report("a"));
  listening[Symbol.dispose]();
  registry.take(report("b"));
  assert.deepEqual(heard, ["a"]);
});

test("what hooks said holds for their process, and is forgotten with it", () => {
  const registry = new HeartbeatRegistry(new FakeClock());
  const origin = { atUnixMs: 1, processPid: 7 };
  const said = registry.hear("lead", { status: HeartbeatStatus.BUSY, sessionId: "s-1" }, origin);
  assert.equal(registry.said("lead"), said);
  assert.equal(registry.hear("lead", { isProgress: true }, { ...origin, atUnixMs: 2 }), said, "nothing new");
  registry.forgetProcess("lead", 7);
  assert.equal(registry.readings().get("lead")?.processPid, 7);
  registry.forgetProcess("lead", 8);
  assert.equal(registry.said("lead"), undefined);
  registry.take(report("lead"));
  registry.forgetProcess("lead", 8);
  assert.notEqual(registry.said("lead"), undefined, "a report with an interval goes by that");
});

test("a report that came as a call brings its conversation and all that it asks leave for now", () => {
  const registry = new HeartbeatRegistry(new FakeClock());
  registry.take(report("lead", { sessionId: "s-1", approvals: [{ requestId: "r-1" }] }));
  registry.take(report("lead"));
  assert.deepEqual([registry.said("lead")?.sessionId, registry.said("lead")?.approvals], ["s-1", []]);
});

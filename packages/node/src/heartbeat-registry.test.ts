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
  const heard: (string | undefined)[] = [];
  const listening = registry.onReport((request) => heard.push(request.agent?.name));
  registry.take(report("a"));
  listening[Symbol.dispose]();
  registry.take(report("b"));
  assert.deepEqual(heard, ["a"]);
});

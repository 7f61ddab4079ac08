import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeUnits } from "@mosaic/testkit";
import { hostConditions } from "./host-conditions.ts";
import { readUnitPlane } from "./unit-plane.ts";

const { signal } = new AbortController();
async function conditionsOf(prepare: (units: FakeUnits) => void) {
  const units = new FakeUnits();
  prepare(units);
  return hostConditions(await readUnitPlane(units, signal)).map(({ type, message }) => [type, message]);
}

test("a host with a systemd whose services run has nothing to say", async () => {
  assert.deepEqual(await conditionsOf((units) => units.set("mosaic-node.service")), []);
});

test("a host without systemd says what that means", async () => {
  const absent = await conditionsOf((units) => {
    units.absent = "no socket";
  });
  assert.deepEqual(absent, [["NO_SYSTEMD", "agents run without systemd: nothing starts them again (no socket)"]]);
});

test("a systemd that can't be read is a condition with the reason", async () => {
  const unreadable = await conditionsOf((units) => {
    units.failure = new Error("connection lost");
  });
  assert.deepEqual(unreadable, [["SYSTEMD_UNREADABLE", "connection lost"]]);
});

test("a service that failed is named", async () => {
  const failed = await conditionsOf((units) => units.set("mosaic-tmux-holder.service", { active: "failed" }));
  assert.deepEqual(failed, [["SERVICE_FAILED", "mosaic-tmux-holder.service failed, and agents depend on it"]]);
});

test("only the fleet's own units are asked for", async () => {
  const units = new FakeUnits();
  for (const unit of ["mosaic-agent@a.service", "mosaic-node.service", "ssh.service", "mosaic-agent@a.timer"]) units.set(unit);
  const plane = await readUnitPlane(units, signal);
  assert.deepEqual(plane.kind === "units" && [...plane.byName.keys()], ["mosaic-agent@a.service", "mosaic-node.service"]);
});

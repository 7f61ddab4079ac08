import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, lastKnown } from "@mosaic/core";
import { aHostStatus, FakeClock, MemoryEventJournal } from "@mosaic/testkit";
import { ConditionSchema, HostKeySchema, HostState } from "@mosaic/wire";
import { recordHosts } from "./record-hosts.ts";

const { LIVE, UNREACHABLE, WARMING } = HostState;

function status(host: string, state: HostState, ...conditions: string[]) {
  const told = conditions.map((type) => create(ConditionSchema, { type }));
  return aHostStatus({ tenantId: "team-a", host, hostId: `id-${host}`, state, conditions: told });
}

function life(before: MemoryEventJournal) {
  const fleetLog = new FleetLog({ epoch: "e" });
  const journal = new MemoryEventJournal(before.events);
  const clock = new FakeClock();
  const known = lastKnown(journal.takeBefore());
  const recording = recordHosts({ fleetLog, journal, clock, known: known.hosts, knownConditions: known.conditions });
  const told = () =>
    journal.events.slice(before.events.length).map(({ kind, host, from, to }) => `${kind} ${host} ${from}>${to}`);
  const publish = (...args: Parameters<typeof status>) => fleetLog.publish([{ kind: "host", status: status(...args) }]);
  return { fleetLog, journal, clock, recording, told, publish };
}

test("hosts that go and come are kept, and of their conditions those that only somebody else can tell", () => {
  const { fleetLog, told, publish, recording } = life(new MemoryEventJournal());
  publish("alpha", WARMING);
  publish("alpha", LIVE, "NO_SYSTEMD");
  publish("alpha", UNREACHABLE);
  publish("alpha", LIVE, "CLOCK_SKEW");
  publish("alpha", LIVE);
  const key = create(HostKeySchema, { tenantId: "team-a", host: "alpha", hostId: "id-alpha" });
  fleetLog.publish([{ kind: "host-removed", key }]);
  recording[Symbol.dispose]();
  assert.deepEqual(told(), [
    ...["host.live alpha >LIVE", "host.unreachable alpha LIVE>UNREACHABLE", "host.live alpha UNREACHABLE>LIVE"],
    ...["condition.appeared alpha >CLOCK_SKEW", "condition.cleared alpha CLOCK_SKEW>CLOCK_SKEW", "host.removed alpha LIVE>"],
  ]);
});

test("after a restart a host that is as it was makes no event, and one that is not expected any more makes one", async () => {
  const first = life(new MemoryEventJournal());
  for (const host of ["alpha", "beta", "gone"]) first.publish(host, LIVE);
  first.recording[Symbol.dispose]();
  const second = life(first.journal);
  for (const host of ["alpha", "beta"]) second.publish(host, WARMING);
  second.publish("alpha", LIVE);
  second.publish("beta", UNREACHABLE);
  await second.clock.advance(30_000);
  second.recording[Symbol.dispose]();
  assert.deepEqual(second.told(), ["host.unreachable beta LIVE>UNREACHABLE", "host.removed gone LIVE>"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Counters, FleetLog, type MessageStore, type StoredMessage } from "@mosaic/core";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { AgentState, ConditionSchema, DeliveryState, HostState, type HostStatus, ReceiptSchema } from "@mosaic/wire";
import { meterFleet } from "./meter-fleet.ts";
import { recordedMetrics } from "./recorded-metrics-for-tests.ts";

/** A daemon of one host with two agents, and a store that the test changes. */
function metered(role: "node" | "aggregator" = "aggregator") {
  const fleetLog = new FleetLog({ epoch: "e" });
  const status = aHostStatus({ host: "alpha", state: HostState.LIVE });
  const { tenantId, host, hostId } = status;
  const place = { tenantId, host, hostId };
  fleetLog.publish([
    { kind: "host", status },
    { kind: "upsert", row: anAgent({ ...place, name: "lead", runtime: "claude", state: AgentState.WORKING }) },
    { kind: "upsert", row: anAgent({ ...place, name: "coder0", runtime: "codex", state: AgentState.WORKING }) },
  ]);
  let tell: (message: StoredMessage) => void = () => {};
  const health = { refusal: undefined as string | undefined, unfinished: 3 };
  const store = {
    all: () => [],
    health: () => health,
    onChange(listener: typeof tell) {
      tell = listener;
      return { [Symbol.dispose]() {} };
    },
  } as Partial<MessageStore> as MessageStore;
  const metrics = recordedMetrics();
  const counters = new Counters();
  const lost: HostState[] = [];
  const asOfNow = (told: HostStatus): HostStatus => ({ ...told, state: lost[0] ?? told.state });
  const conditions = () => [create(ConditionSchema, { type: "STORE_UNAVAILABLE" })];
  meterFleet(metrics, { ...{ role, version: "0.1.0", fleetLog, store, asOfNow, conditions }, streams: { leaked: 2 }, counters });
  const reach = (messageId: string, state: DeliveryState, more: Partial<StoredMessage> = {}, name = "lead") => {
    const receipt = create(ReceiptSchema, { state, hostId: role === "node" ? hostId : "", agent: { tenantId, host, name } });
    tell({ messageId, receipt, ...more } as StoredMessage);
  };
  return { metrics, counters, lost, health, reach };
}

test("hosts and agents are told by state, those that are nowhere as 0", () => {
  const { metrics } = metered();
  const counts = Object.fromEntries(metrics.samples("mosaic_hosts").map(({ labels, value }) => [labels?.["state"], value]));
  assert.equal(Object.keys(counts).length, Object.keys(HostState).length - 1);
  assert.deepEqual([counts["LIVE"], counts["UNREACHABLE"]], [1, 0]);
  assert.deepEqual(metrics.samples("mosaic_host_state"), [
    { labels: { tenant: "team-a", host: "alpha", state: "LIVE" }, value: 1 },
  ]);
  const agents = metrics.samples("mosaic_agents").filter(({ value }) => value > 0);
  assert.deepEqual(agents, [{ labels: { state: "WORKING" }, value: 2 }]);
});

test("a host's state is the one of now, and one that is not known makes no label of its own", () => {
  const { metrics, lost } = metered();
  lost.push(99 as HostState);
  assert.equal(metrics.samples("mosaic_host_state")[0]?.labels?.["state"], "UNSPECIFIED");
});

test("what else a daemon knows of itself is told", () => {
  const { metrics, counters, health } = metered();
  counters.add("watch_divergence_total", 4);
  health.refusal = "disk full";
  const values = (name: string) => metrics.samples(name).map(({ labels = {}, value }) => [...Object.values(labels), value]);
  assert.deepEqual(values("mosaic_watch_divergences_total"), [[4]]);
  assert.deepEqual(values("mosaic_messages_unfinished"), [["outbox", 3]]);
  assert.deepEqual(values("mosaic_store_refusing"), [["outbox", 1]]);
  assert.deepEqual(values("mosaic_leaked_handlers"), [[2]]);
  assert.deepEqual(values("mosaic_conditions"), [["STORE_UNAVAILABLE", 1]]);
  assert.deepEqual(values("mosaic_build_info"), [["aggregator", "0.1.0", 1]]);
});

test("each state of a message is counted once, by runtime, and not what another daemon carries", () => {
  for (const role of ["node", "aggregator"] as const) {
    const { metrics, reach } = metered(role);
    reach("m1", DeliveryState.QUEUED);
    reach("m1", DeliveryState.ENTERED);
    reach("m1", DeliveryState.ENTERED);
    reach("m1", DeliveryState.ANSWERED);
    reach("m2", DeliveryState.FAILED, { carriedBy: "other" });
    reach("m3", DeliveryState.FAILED, {}, "nobody");
    const store = role === "node" ? "inbox" : "outbox";
    const line = (state: string, runtime: string) =>
      `mosaic_receipts_total store=${store},state=${state},runtime=${runtime},version=0.1.0 1`;
    assert.deepEqual(metrics.lines, [
      line("QUEUED", "claude"),
      line("ENTERED", "claude"),
      line("ANSWERED", "claude"),
      line("FAILED", "unknown"),
    ]);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, passThroughTracer } from "@mosaic/core";
import { aHostStatus, anAgent, RecordingTracer } from "@mosaic/testkit";
import { AgentHeartbeatSchema, AgentKeySchema, AgentState, HeartbeatHealth } from "@mosaic/wire";
import { traceStates } from "./state-spans.ts";

function fleet() {
  const fleetLog = new FleetLog({ epoch: "e" });
  const status = aHostStatus({ host: "alpha" });
  const row = (state: AgentState, health?: HeartbeatHealth) =>
    anAgent({
      ...{ tenantId: status.tenantId, host: "alpha", hostId: status.hostId, name: "lead", state },
      ...(health === undefined ? {} : { heartbeat: create(AgentHeartbeatSchema, { health }) }),
    });
  fleetLog.publish([
    { kind: "host", status },
    { kind: "upsert", row: row(AgentState.READY, HeartbeatHealth.HEALTHY) },
  ]);
  return { fleetLog, row, key: create(AgentKeySchema, { tenantId: status.tenantId, hostId: status.hostId, name: "lead" }) };
}

test("each change of an agent's state and heartbeat is a span, and nothing else is", () => {
  const { fleetLog, row, key } = fleet();
  const tracer = new RecordingTracer();
  const tracing = traceStates(fleetLog, tracer);
  fleetLog.publish([{ kind: "upsert", row: row(AgentState.WORKING, HeartbeatHealth.HEALTHY) }]);
  fleetLog.publish([{ kind: "upsert", row: row(AgentState.WORKING, HeartbeatHealth.HEALTHY) }]);
  fleetLog.publish([{ kind: "upsert", row: row(AgentState.WEDGED, HeartbeatHealth.STALE) }]);
  fleetLog.publish([{ kind: "delete", key }]);
  tracing[Symbol.dispose]();
  fleetLog.publish([{ kind: "upsert", row: row(AgentState.READY) }]);
  assert.deepEqual(
    tracer.spans.map(({ name, parent, isEnded, attributes }) => [
      name,
      parent,
      isEnded,
      attributes["mosaic.from"],
      attributes["mosaic.to"],
    ]),
    [
      ["agent.state", undefined, true, "READY", "WORKING"],
      ["agent.state", undefined, true, "WORKING", "WEDGED"],
      ["agent.heartbeat", undefined, true, "HEALTHY", "STALE"],
      ["agent.state", undefined, true, "WEDGED", "none"],
      ["agent.heartbeat", undefined, true, "STALE", "none"],
    ],
  );
});

test("with telemetry off nobody listens to the log", () => {
  const { fleetLog, row } = fleet();
  let asked = 0;
  fleetLog.onNextChange = () => {
    asked += 1;
    return { [Symbol.dispose]() {} };
  };
  traceStates(fleetLog, passThroughTracer)[Symbol.dispose]();
  fleetLog.publish([{ kind: "upsert", row: row(AgentState.WORKING) }]);
  assert.equal(asked, 0);
});

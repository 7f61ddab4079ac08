import assert from "node:assert/strict";
import { test } from "node:test";
import { FleetLog, MosaicError } from "@mosaic/core";
import { aHostStatus, anAgent, FakeClock } from "@mosaic/testkit";
import { HostTable } from "../host-table.ts";
import { agentAt } from "./message-route.ts";

function fleet(...hosts: readonly { readonly host: string; readonly hostId: string }[]) {
  const fleetLog = new FleetLog({ epoch: "e" });
  for (const host of hosts) {
    fleetLog.publish([{ kind: "host", status: aHostStatus(host) }]);
    fleetLog.publish([{ kind: "upsert", row: anAgent(host) }]);
  }
  const routes = { fleetLog, table: new HostTable(fleetLog, new FakeClock(), "own-id") };
  return (host: string, name = "lead", tenantId = "team-a") =>
    agentAt(routes, { $typeName: "mosaic.fleet.v1.AgentAddress", tenantId, host, name });
}

const codeOf = (find: () => unknown): string => {
  try {
    find();
    return "";
  } catch (thrown) {
    return MosaicError.from(thrown).code;
  }
};

test("a complete address finds its agent by the host's name or id, as a short one does", () => {
  const at = fleet({ host: "alpha", hostId: "id-1" }, { host: "beta", hostId: "id-2" });
  assert.deepEqual([at("beta").hostId, at("id-1").host, at("beta", "lead", "").hostId], ["id-2", "alpha", "id-2"]);
  assert.equal(
    codeOf(() => at("beta", "nobody")),
    "AGENT_NOT_FOUND",
  );
  assert.equal(
    codeOf(() => at("beta", "lead", "team-b")),
    "AGENT_NOT_FOUND",
  );
});

test("where two hosts have one name, only the id says which is meant", () => {
  const at = fleet({ host: "alpha", hostId: "id-1" }, { host: "alpha", hostId: "id-2" });
  assert.equal(
    codeOf(() => at("alpha")),
    "AGENT_AMBIGUOUS",
  );
  assert.equal(at("id-2").hostId, "id-2");
});

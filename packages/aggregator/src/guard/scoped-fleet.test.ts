import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, MosaicError, selectsRow } from "@mosaic/core";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { AgentAddressSchema, SelectorSchema } from "@mosaic/wire";
import { scopedAgent, scopedSelector } from "./scoped-fleet.ts";

const scope = { tenantIds: ["team-a"], surveysAll: false };
const rows = [anAgent(), anAgent({ tenantId: "team-b", name: "secret0" }), anAgent({ tenantId: "team-b" })];

test("whatever is asked for, only rows in scope are selected", () => {
  const seen = (tenantIds: string[], names: string[] = []) => {
    const selector = scopedSelector(create(SelectorSchema, { tenantIds, names }), scope);
    return rows.filter((row) => selectsRow(selector, row)).map(({ tenantId, name }) => `${tenantId}/${name}`);
  };
  assert.deepEqual(
    [seen([]), seen(["team-a", "team-b"]), seen(["team-b"]), seen(["?"]), seen([], ["secret0"])],
    [["team-a/lead"], ["team-a/lead"], [], [], []],
  );
  assert.deepEqual(scopedSelector(undefined, { tenantIds: [], surveysAll: false }).tenantIds.length, 1);
});

test("a short address means the agent in scope, and one that is out of it is not there, nor near to anything", () => {
  const fleetLog = new FleetLog({ epoch: "e" });
  const hosts = ["team-a", "team-b"].map((tenantId) => aHostStatus({ tenantId, hostId: `id-of-${tenantId}-alpha` }));
  fleetLog.publish(hosts.map((status) => ({ kind: "host", status })));
  fleetLog.publish(rows.map((row) => ({ kind: "upsert", row })));
  const find = (fields: object) => scopedAgent(fleetLog, create(AgentAddressSchema, { name: "lead", ...fields }), scope);
  assert.equal(find({}).tenantId, "team-a");
  for (const fields of [{ tenantId: "team-b" }, { name: "secret0" }, { tenantId: "team-b", name: "secret0" }]) {
    assert.throws(
      () => find(fields),
      (thrown) =>
        thrown instanceof MosaicError &&
        thrown.code === "AGENT_NOT_FOUND" &&
        thrown.candidates.every(({ tenantId }) => tenantId === "team-a"),
    );
  }
});

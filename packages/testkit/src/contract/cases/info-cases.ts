import assert from "node:assert/strict";
import { Role } from "@mosaic/wire";
import { list } from "../case-tools.ts";
import type { ContractCase } from "../contract-case.ts";

/** Who answers, and what it can do. */
export const infoCases: readonly ContractCase[] = [
  {
    name: "Info says who answers, in which epoch, and what it can do",
    async run(context) {
      const info = await context.client.info({}, { signal: context.signal });
      assert.equal(info.role, context.role);
      assert.equal(info.protocolVersion, 1);
      assert.notEqual(info.id, "");
      assert.notEqual(info.version, "");
      assert.equal(info.epoch, (await list(context)).epoch);
      assert.deepEqual(info.capabilities, [...info.capabilities].sort());
      for (const name of ["attach", "list", "reset", "send", "tail", "watch", "watch-terminal"])
        assert.ok(info.capabilities.includes(name), name);
      assert.equal(info.maxMessageBytes, 262_144);
    },
  },
  {
    name: "a node names its tenant and host_id, and an aggregator claims no tenant",
    async run(context) {
      const info = await context.client.info({}, { signal: context.signal });
      const [alpha] = context.hosts;
      if (context.role === Role.NODE)
        assert.deepEqual([info.tenantId, info.host, info.id], [alpha.tenantId, alpha.host, alpha.hostId]);
      else assert.equal(info.tenantId, "");
    },
  },
  {
    name: "only a node takes heartbeats, and says so among its capabilities",
    async run(context) {
      const info = await context.client.info({}, { signal: context.signal });
      assert.equal(info.capabilities.includes("heartbeat"), context.role === Role.NODE);
    },
  },
];

import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, MosaicError } from "@mosaic/core";
import type { CallContext } from "@mosaic/rpc";
import { aHostStatus, stubHandlers } from "@mosaic/testkit";
import { type ReadLogRequest, ReadLogRequestSchema } from "@mosaic/wire";
import { scopedHandlers } from "./scoped-handlers.ts";

function setUp(role: "operator" | "observer") {
  const fleetLog = new FleetLog({ epoch: "e" });
  for (const [tenantId, host] of [
    ["team-a", "alpha"],
    ["team-b", "alpha"],
    ["team-b", "beta"],
  ] as const)
    fleetLog.publish([{ kind: "host", status: aHostStatus({ tenantId, host, hostId: `id-of-${tenantId}-${host}` }) }]);
  const asked: ReadLogRequest[] = [];
  const inner = stubHandlers({
    async *readLog(request) {
      asked.push(request);
      yield* [];
    },
  });
  const policy = () => ({ grants: [{ role, tenantId: "team-a", who: "tenant/team-a/user/ada" }] as const });
  const handlers = scopedHandlers(inner, { fleetLog, policy, receiptOf: () => undefined });
  const identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };
  const caller = { kind: "peer", identity, scope: { tenantIds: ["team-a"], surveysAll: false } };
  const ask = async (request: object): Promise<string> => {
    try {
      for await (const _ of handlers.readLog(create(ReadLogRequestSchema, request), { caller } as unknown as CallContext));
      return "asked";
    } catch (thrown) {
      const { code, message } = MosaicError.from(thrown);
      return `${code} ${message}`;
    }
  };
  return { ask, asked };
}

test("a short name means a host of the caller's own tenant, and the request goes on with its complete name", async () => {
  const { ask, asked } = setUp("operator");
  assert.equal(await ask({ host: "alpha" }), "asked");
  assert.deepEqual([asked[0]?.tenantId, asked[0]?.host], ["team-a", "alpha"]);
});

test("another tenant's host is answered as one that there is not", async () => {
  const { ask, asked } = setUp("operator");
  for (const tenantId of ["", "team-b"])
    assert.equal(await ask({ tenantId, host: "beta" }), (await ask({ tenantId, host: "zeta" })).replace("zeta", "beta"));
  assert.match(await ask({ tenantId: "team-b", host: "id-of-team-b-alpha" }), /^HOST_NOT_FOUND/);
  assert.equal(asked.length, 0);
});

test("an observer of the tenant may not read its logs", async () => {
  const { ask, asked } = setUp("observer");
  assert.match(await ask({ host: "alpha" }), /^NOT_ALLOWED ReadLog is not allowed: no grant lets .* diagnose in "team-a"/);
  assert.equal(asked.length, 0);
});

test("an aggregator's log is asked for as its own, whichever is named, so that nothing is told of others", async () => {
  const { ask, asked } = setUp("operator");
  await ask({ aggregatorId: "some-other" });
  assert.deepEqual([asked[0]?.aggregatorId, asked[0]?.host], ["", ""]);
});

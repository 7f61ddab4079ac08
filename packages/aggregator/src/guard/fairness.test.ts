/** The turns of tenants as callers see them: over TLS, with a certificate each, against a server whose answers cost processor time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { passThroughTracer, silentLog } from "@mosaic/core";
import {
  createFleetCa,
  fixedIdentity,
  type Identity,
  issueLeaf,
  NO_LOCKS,
  newKey,
  parsePolicy,
  publicKeyOf,
} from "@mosaic/identity";
import { connectFleet, LiveStreams, serveFleet } from "@mosaic/rpc";
import { eventually, realClock, stubHandlers } from "@mosaic/testkit";
import { aggregatorGuard } from "./aggregator-guard.ts";
import { fairHandlers } from "./fair-handlers.ts";
import { TenantTurns } from "./tenant-turns.ts";

const IN_FLIGHT = 100;
const CALLS = 10;

test("while a tenant keeps 100 Lists in flight, another's wait for some of them and not for all", async () => {
  await using stack = new AsyncDisposableStack();
  const ca = await createFleetCa("acme", Date.now());
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  const certify = async (identity: Identity) => {
    const key = newKey();
    const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: Date.now() });
    return fixedIdentity(trust, { identity, key, chain: [leaf, ca.intermediate.certificate] });
  };
  const own = await certify({ kind: "aggregator", fleet: "acme", id: "agg-1" });
  const identity = { credentials: own.credentials, trust, onChange: own.onChange, locks: NO_LOCKS };
  const grants = ["a", "b"].map((name) => `{ role: observer, tenant: team-${name}, who: user/* }`).join(", ");
  const policy = { policy: parsePolicy(`grants: [${grants}]`, "policy.yaml"), onChange: own.onChange };
  const begun: string[] = [];
  const stub = stubHandlers();
  const handlers = {
    ...stub,
    list: async (...[request, context]: Parameters<typeof stub.list>) => {
      const { caller } = context;
      begun.push(caller?.kind === "peer" && "tenantId" in caller.identity ? caller.identity.tenantId : "?");
      burn(2);
      return await stub.list(request, context);
    },
  };
  const server = stack.use(
    await serveFleet({
      ...{ handlers: fairHandlers(handlers, new TenantTurns()), streams: new LiveStreams(), tracer: passThroughTracer },
      ...{ listen: [{ kind: "tls", hostname: "127.0.0.1", port: 0 }], log: silentLog, tls: { identity } },
      guard: aggregatorGuard({ identity, policy, clock: realClock }),
    }),
  );
  const [endpoint] = server.endpoints;
  assert.ok(endpoint);
  const clientOf = async (tenantId: string) =>
    stack.use(
      connectFleet(endpoint, { tls: { identity: await certify({ kind: "user", fleet: "acme", tenantId, name: "ada" }) } }),
    ).client;
  const [busy, quiet] = [await clientOf("team-a"), await clientOf("team-b")];
  await quiet.list({});
  let isOver = false;
  const flood = Array.from({ length: IN_FLIGHT }, async () => {
    while (!isOver) await busy.list({});
  });
  await eventually("the flood runs", () => begun.length > IN_FLIGHT);
  const waited: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const before = begun.length;
    await quiet.list({});
    waited.push(begun.slice(before).filter((tenantId) => tenantId === "team-a").length);
  }
  isOver = true;
  await Promise.all(flood);
  const median = waited.sort((one, other) => one - other)[CALLS / 2] ?? 0;
  assert.ok(median <= IN_FLIGHT / 4, `of 100 in flight, so many were begun within each call: ${waited.join()}`);
});

/** Takes processor time, as an answer of many rows does. */
function burn(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

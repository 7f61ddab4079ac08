/** What the walls cost: unary calls with TLS, authorization and audit against plain loopback, and the check of a capability. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type AuditLog, passThroughTracer, silentLog } from "@mosaic/core";
import { fileAuditLog, systemClock } from "@mosaic/host";
import {
  createFleetCa,
  fixedIdentity,
  type Identity,
  issueLeaf,
  NO_LOCKS,
  newKey,
  parsePolicy,
  publicKeyOf,
  readCapability,
  signDeed,
} from "@mosaic/identity";
import { connectFleet, type Endpoint, type FleetClient, LiveStreams, serveFleet, signedRequest } from "@mosaic/rpc";
import { stubHandlers } from "@mosaic/testkit";
import { SendRequestSchema } from "@mosaic/wire";
import { nodeGuard } from "../../packages/node/src/guard/node-guard.ts";
import { percentile, report, spreadOf, timed } from "./figures.ts";

const CONCURRENCY = 16;
const ROUNDS = 3;
const CHECKS = 500;
const own = { tenantId: "team-a", host: "alpha", hostId: "h-1" };
const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };
const agent = { tenantId: "team-a", host: "alpha", name: "lead" };

const ca = await createFleetCa("acme", Date.now());
const trust = { fleet: "acme", roots: [ca.root.certificate] };
const certify = async (identity: Identity) => {
  const key = newKey();
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: Date.now() });
  return { identity, key, chain: [leaf, ca.intermediate.certificate] };
};
const caller = await certify(ada);
const folder = await mkdtemp(join(tmpdir(), "mosaic-walls-"));
const audit = fileAuditLog({ path: join(folder, "audit.jsonl"), clock: systemClock });

await using plain = await serve({ kind: "tcp", hostname: "127.0.0.1", port: 0 });
await using walled = await serve({ kind: "tls", hostname: "127.0.0.1", port: 0 }, audit);

async function serve(endpoint: Endpoint, log?: AuditLog) {
  const identity = { ...fixedIdentity(trust, await certify({ kind: "node", fleet: "acme", ...own })), trust, locks: NO_LOCKS };
  const policy = parsePolicy("grants: [{ role: operator, tenant: team-a, who: user/ada }]", "policy.yaml");
  const live = { policy, onChange: identity.onChange };
  const guard = log && nodeGuard({ own, identity, policy: live, audit: log, clock: systemClock, log: silentLog });
  return await serveFleet({
    ...{ handlers: stubHandlers(), streams: new LiveStreams(), listen: [endpoint], tracer: passThroughTracer, log: silentLog },
    ...(guard ? { guard, tls: { identity } } : {}),
  });
}

/** Calls in a second over one connection that is warm. */
async function callsPerSecond(
  target: Endpoint | undefined,
  calls: number,
  call: (client: FleetClient, n: number) => Promise<unknown>,
) {
  if (!target) throw new Error("it listens nowhere");
  await using connection = connectFleet(target, { tls: { identity: fixedIdentity(trust, caller) } });
  await connection.client.info({});
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await call(connection.client, left);
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return calls / ((performance.now() - startMs) / 1000);
}

async function compare(name: string, calls: number, call: (client: FleetClient, n: number) => Promise<unknown>): Promise<void> {
  const [bare, guarded]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await callsPerSecond(plain.endpoints[0], calls, call));
    guarded.push(await callsPerSecond(walled.endpoints[0], calls, call));
  }
  report({
    ...{ name, value: Math.max(...guarded), unit: "req/s", n: ROUNDS * calls, spread: { min: Math.min(...guarded) } },
    floor: { name: "the same over plain loopback, without walls", value: Math.max(...bare) },
  });
}

await compare("List over mTLS with authorization", 2000, (client) => client.list({}));
await compare("Send over mTLS with authorization and an audit record on disk", 300, (client) =>
  client.send({ agent, messageId: randomUUID(), text: "hello", waitMs: 1 }),
);

const request = create(SendRequestSchema, { agent, messageId: "m-1", text: "hello" });
const { requestSha256 = "" } = signedRequest("Send", request) ?? {};
const deed = { method: "Send", target: "team-a/h-1/lead", requestSha256 };
const { key, chain } = caller;
const token = await signDeed(deed, { key, chain, caller: ada, nowUnixMs: Date.now(), id: "m-1" });
const nowUnixMs = Date.now();
const checks: number[] = [];
const bareChecks: number[] = [];
const [leaf, issuer] = chain;
for (let check = 0; check < CHECKS; check += 1) {
  const sha256 = signedRequest("Send", request)?.requestSha256 ?? "";
  checks.push(await timed(() => readCapability(token, { ...deed, requestSha256: sha256 }, trust, { nowUnixMs })));
  // As many signatures as there are in one: of the leaf, of the intermediate, of the deed.
  bareChecks.push(await timed(() => [leaf, issuer, leaf].map((one) => one?.verify(ca.intermediate.certificate.publicKey))));
}
report({
  ...{ name: "check of a capability and its certificates, median", value: percentile(checks, 0.5), unit: "ms", n: CHECKS },
  ...{ spread: spreadOf(checks), goal: "under 1 ms" },
  floor: { name: "three ECDSA P-256 signatures", value: percentile(bareChecks, 0.5) },
});
await rm(folder, { recursive: true });
process.exit(0);

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileStore, silentLog } from "@mosaic/core";
import { createFleetCa, fixedIdentity, issueLeaf, type JoinLine, newKey, pinOf, publicKeyOf } from "@mosaic/identity";
import { type EnrolmentHandlers, formatEndpoint, serveEnrolment } from "@mosaic/rpc";
import { realClock } from "@mosaic/testkit";
import { findFleet, type JoinWorld, joinFleet } from "./join-fleet.ts";

/** An aggregator that tells roots, and keeps the names of all other calls. */
async function anAggregator(stack: AsyncDisposableStack, reply: object = {}) {
  const ca = await createFleetCa("acme", Date.now());
  const key = newKey();
  const identity = { kind: "aggregator", fleet: "acme", id: "a-1" } as const;
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: Date.now() });
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  const own = fixedIdentity(trust, { identity, key, chain: [leaf, ca.intermediate.certificate] });
  const asked: string[] = [];
  const handlers = {
    getRoots: async () => ({ fleet: "acme", roots: String(ca.root.certificate), nowUnixMs: BigInt(Date.now()) }),
    enrol: async () => {
      asked.push("Enrol");
      return reply;
    },
  } as unknown as EnrolmentHandlers;
  const listen = [{ kind: "tls", hostname: "127.0.0.1", port: 0 }] as const;
  const { endpoints } = stack.use(await serveEnrolment({ listen, identity: own, handlers, log: silentLog }));
  const [endpoint] = endpoints;
  assert.ok(endpoint);
  const addresses = [formatEndpoint(endpoint).replace("https://", "")];
  const line: JoinLine = {
    fleet: "acme",
    addresses,
    rootPins: [pinOf(ca.root.certificate)],
    invitationId: "0".repeat(32),
    secret: "s",
  };
  return { line, asked };
}

function aWorld(texts: Record<string, string> = {}, aheadMs = 0): JoinWorld & { readonly written: Map<string, string> } {
  const written = new Map(Object.entries(texts));
  const files: FileStore = {
    read: async (path) => written.get(path),
    write: async (path, text) => void written.set(path, text),
    remove: async (path) => void written.delete(path),
    list: async () => [],
  };
  const clock = { ...realClock, nowUnixMs: () => Date.now() + aheadMs };
  return { clock, files, signal: new AbortController().signal, timeoutMs: 5000, say: () => {}, written };
}

const joiner = { mosaicHome: "/m", role: "node", hostId: "h-1", host: "alpha", addresses: [], listen: [], dialOut: "" } as const;

test("a fleet is found at the first address that answers, and is the one of the line", async () => {
  await using stack = new AsyncDisposableStack();
  const { line } = await anAggregator(stack);
  const found = await findFleet({ ...line, addresses: ["127.0.0.1:1", ...line.addresses] }, aWorld());
  assert.equal(`${found.endpoint.hostname}:${found.endpoint.port}`, line.addresses[0]);
});

test("refused before the secret is told: wrong CA pin, wrong fleet, clock skew, a home of another fleet", async () => {
  await using stack = new AsyncDisposableStack();
  const { line, asked } = await anAggregator(stack);
  const join = (fields: Partial<JoinLine>, world = aWorld()) => joinFleet({ ...line, ...fields }, joiner, world);
  await assert.rejects(join({ rootPins: ["ab".repeat(32)] }), { code: "IDENTITY_REFUSED", message: /its root has another key/ });
  await assert.rejects(join({ fleet: "globex" }), { code: "IDENTITY_REFUSED", message: /belongs to the fleet "acme"/ });
  for (const [aheadMs, words] of [
    [600_000, /10 min ahead of the aggregator's/],
    [-600_000, /10 min behind the aggregator's/],
  ] as const)
    await assert.rejects(join({}, aWorld({}, aheadMs)), { code: "IDENTITY_REFUSED", message: words });
  const other = { "/m/fleet/identity/enrolment.json": '{"fleet":"globex","addresses":[]}' };
  await assert.rejects(join({}, aWorld(other)), { code: "WOULD_OVERWRITE" });
  assert.deepEqual(asked, []);
});

test("the key is made here, kept for the next try, and is the same then", async () => {
  await using stack = new AsyncDisposableStack();
  const { line, asked } = await anAggregator(stack);
  const world = aWorld();
  const once = () =>
    joinFleet({ ...line, secret: "x".repeat(43) }, joiner, world).catch(() => world.written.get("/m/fleet/identity/joining.key"));
  const [first, second] = [await once(), await once()];
  assert.match(String(first), /PRIVATE KEY/);
  assert.equal(first, second);
  assert.equal(asked.length, 2);
});

test("roots, locks and a policy that the authority has not signed are not taken, also from an aggregator of the fleet", async () => {
  await using stack = new AsyncDisposableStack();
  const { root } = await createFleetCa("acme", Date.now());
  const reply = { roots: String(root.certificate), locks: '{"locks":[],"as_of":1}\n', policy: "grants: []\n" };
  const { line } = await anAggregator(stack, reply);
  const world = aWorld();
  await assert.rejects(joinFleet({ ...line, secret: "x".repeat(43) }, joiner, world), {
    ...{ code: "IDENTITY_REFUSED", message: /nobody has signed them/ },
  });
  assert.deepEqual([...world.written.keys()], ["/m/fleet/identity/joining.key"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, silentLog } from "@mosaic/core";
import {
  createFleetCa,
  fixedIdentity,
  formatIdentity,
  type Identity,
  type IdentitySource,
  identityOf,
  issueLeaf,
  newKey,
  pinOf,
  publicKeyOf,
} from "@mosaic/identity";
import { askRoots, callEnrolment, type EnrolmentEndpoint } from "./call-enrolment.ts";
import type { EnrolmentCaller, EnrolmentHandlers } from "./enrolment-handlers.ts";
import { serveEnrolment } from "./serve-enrolment.ts";

type TlsEndpoint = EnrolmentEndpoint & { readonly kind: "tls" };

const anyPort: TlsEndpoint = { kind: "tls", hostname: "127.0.0.1", port: 0 };
const { signal } = new AbortController();
const quick = { timeoutMs: 5000, signal };
const aggregator: Identity = { kind: "aggregator", fleet: "acme", id: "a-1" };
const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };

async function aFleet() {
  const ca = await createFleetCa("acme", Date.now());
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  const as = async (identity: Identity, ttlMs?: number) => {
    const key = newKey();
    const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: Date.now(), ttlMs });
    return fixedIdentity(trust, { identity, key, chain: [leaf, ca.intermediate.certificate] });
  };
  return { ca, trust, as };
}

/** Serves with handlers that keep who called, and how often anything was asked. */
async function serve(stack: AsyncDisposableStack, identity: IdentitySource, roots: string) {
  const callers: EnrolmentCaller[] = [];
  const seen = (caller: EnrolmentCaller) => void callers.push(caller);
  const handlers = {
    getRoots: async (caller: EnrolmentCaller) => {
      seen(caller);
      return { fleet: "acme", roots, nowUnixMs: BigInt(Date.now()) };
    },
    listEnrolled: async (caller: EnrolmentCaller) => {
      seen(caller);
      return { enrolled: [] };
    },
    enrol: async (_request: unknown, caller: EnrolmentCaller) => {
      seen(caller);
      throw new MosaicError("IDENTITY_REFUSED", "the invitation is over", { hint: "ask for a new line" });
    },
  } as unknown as EnrolmentHandlers;
  const server = stack.use(await serveEnrolment({ listen: [anyPort], identity, handlers, log: silentLog }));
  return { endpoint: server.endpoints[0] as TlsEndpoint, callers };
}

test("a stranger is told the roots, and judges who told them by the pins that it brought", async () => {
  await using stack = new AsyncDisposableStack();
  const { ca, trust, as } = await aFleet();
  const { endpoint, callers } = await serve(stack, await as(aggregator), String(ca.root.certificate));
  const told = await askRoots(endpoint, quick);
  assert.deepEqual([told.fleet, told.roots], ["acme", String(ca.root.certificate)]);
  told.judge(trust, Date.now());
  const other = await createFleetCa("acme", Date.now());
  assert.notEqual(pinOf(other.root.certificate), pinOf(ca.root.certificate));
  assert.throws(() => told.judge({ fleet: "acme", roots: [other.root.certificate] }, Date.now()), /no authority of this fleet/);
  assert.throws(() => told.judge({ ...trust, fleet: "globex" }, Date.now()), /it belongs to the fleet "acme"/);
  assert.deepEqual(callers[0]?.chain, [], "it has shown nothing");
});

test("who stands in between shows the roots of the fleet and has no certificate under them: it is found out", async () => {
  await using stack = new AsyncDisposableStack();
  const [own, thief] = [await aFleet(), await aFleet()];
  const { endpoint } = await serve(stack, await thief.as(aggregator), String(own.ca.root.certificate));
  const told = await askRoots(endpoint, quick);
  assert.throws(() => told.judge(own.trust, Date.now()), /no authority of this fleet/);
});

test("nothing is asked of who is no aggregator of the fleet, or of another one", async () => {
  await using stack = new AsyncDisposableStack();
  const [own, other] = [await aFleet(), await aFleet()];
  const asStranger = { ...quick, identity: fixedIdentity(own.trust) };
  for (const identity of [await own.as(ada), await other.as(aggregator), await own.as(aggregator, -60_000)]) {
    const { endpoint, callers } = await serve(stack, identity, "");
    await assert.rejects(callEnrolment(endpoint, "ListEnrolled", {}, asStranger), { code: "IDENTITY_REFUSED" });
    assert.deepEqual(callers, []);
  }
  const { endpoint } = await serve(stack, await own.as(aggregator), "");
  await assert.rejects(callEnrolment(endpoint, "ListEnrolled", {}, quick), { code: "NOT_ALLOWED" });
});

test("who calls is known by what was shown, and what the server refuses arrives with its hint", async () => {
  await using stack = new AsyncDisposableStack();
  const { trust, as } = await aFleet();
  const { endpoint, callers } = await serve(stack, await as(aggregator), "");
  await callEnrolment(endpoint, "ListEnrolled", {}, { ...quick, identity: await as(ada) });
  assert.equal(formatIdentity(identityOf(callers[0]?.chain ?? [], trust, Date.now())), formatIdentity(ada));
  assert.equal(callers[0]?.address, "127.0.0.1");
  const request = { invitationId: "0".repeat(32), secret: "x".repeat(43), csr: "AA==" };
  await assert.rejects(callEnrolment(endpoint, "Enrol", request, { ...quick, identity: fixedIdentity(trust) }), {
    ...{ code: "IDENTITY_REFUSED", hint: "ask for a new line" },
  });
  const bad = callEnrolment(
    endpoint,
    "Enrol",
    { ...request, invitationId: "../../etc" },
    { ...quick, identity: fixedIdentity(trust) },
  );
  await assert.rejects(bad, { code: "USAGE" });
});

test("a request of 100 KB is refused, and the next one is answered", async () => {
  await using stack = new AsyncDisposableStack();
  const { trust, as } = await aFleet();
  const { endpoint, callers } = await serve(stack, await as(aggregator), "");
  const options = { ...quick, identity: fixedIdentity(trust) };
  await assert.rejects(callEnrolment(endpoint, "Enrol", { secret: "x".repeat(100_000) }, options), MosaicError);
  assert.deepEqual(callers, []);
  await callEnrolment(endpoint, "ListEnrolled", {}, options);
});

test("new credentials are shown from the next connection on", async () => {
  await using stack = new AsyncDisposableStack();
  const { trust, as } = await aFleet();
  const identity = await as(aggregator, -60_000);
  const { endpoint } = await serve(stack, identity, "");
  const ask = () => callEnrolment(endpoint, "ListEnrolled", {}, { ...quick, identity: fixedIdentity(trust) });
  await assert.rejects(ask, { code: "IDENTITY_REFUSED" });
  identity.replace(trust, (await as(aggregator)).credentials);
  await ask();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { MosaicError, silentLog } from "@mosaic/core";
import {
  type Credentials,
  createFleetCa,
  fixedIdentity,
  type Identity,
  issueLeaf,
  type LockView,
  NO_LOCKS,
  newKey,
  type Policy,
  parsePolicy,
  publicKeyOf,
  signDeed,
} from "@mosaic/identity";
import { type GuardedCall, signedRequest } from "@mosaic/rpc";
import { FakeClock, RecordingAudit, settle } from "@mosaic/testkit";
import { AgentAddressSchema, ListRequestSchema, ReadLogRequestSchema, ResetRequestSchema, SendRequestSchema } from "@mosaic/wire";
import { nodeGuard } from "./node-guard.ts";
import { UsedIds } from "./used-ids.ts";

const own = { tenantId: "team-a", host: "alpha", hostId: "h-1" };
const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };
const bob: Identity = { kind: "user", fleet: "acme", tenantId: "team-b", name: "bob" };
const relay: Identity = { kind: "aggregator", fleet: "acme", id: "agg-1" };
const lead = create(AgentAddressSchema, { tenantId: "team-a", host: "alpha", name: "lead" });
const HOUR_MS = 3_600_000;
const POLICY = "grants: [{ role: operator, tenant: team-a, who: user/ada }]";
const list = { method: "List", request: create(ListRequestSchema) };

async function setUp() {
  const clock = new FakeClock();
  const ca = await createFleetCa("acme", clock.nowUnixMs());
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  const changes = new Set<() => void>();
  let locks: LockView = NO_LOCKS;
  let policy: Policy = parsePolicy(POLICY, "policy.yaml");
  const identity = {
    ...fixedIdentity(trust),
    trust,
    get locks() {
      return locks;
    },
    onChange: (listener: () => void) => follow(changes, listener),
  };
  const audit = new RecordingAudit();
  const live = {
    get policy() {
      return policy;
    },
    onChange: (listener: () => void) => follow(changes, listener),
  };
  const guard = () => nodeGuard({ own, identity, policy: live, audit, clock, log: silentLog });
  const certify = async (who: Identity, ttlMs = HOUR_MS): Promise<Credentials> => {
    const key = newKey();
    const leaf = await issueLeaf(ca.intermediate, {
      publicKey: publicKeyOf(key),
      identity: who,
      nowUnixMs: clock.nowUnixMs(),
      ttlMs,
    });
    return { identity: who, key, chain: [leaf, ca.intermediate.certificate] };
  };
  const call = (who: Credentials | undefined, fields: Partial<GuardedCall>): GuardedCall => ({
    ...{ carrier: "tls", service: "mosaic.fleet.v1.FleetService", chain: who?.chain ?? [], token: undefined },
    ...{ method: "List", request: create(ListRequestSchema) },
    ...fields,
  });
  return {
    ...{ clock, audit, certify, call, guard },
    lock: (view: LockView) => tellAll(changes, () => (locks = view)),
    rule: (text: string) => tellAll(changes, () => (policy = parsePolicy(text, "policy.yaml"))),
  };
}

function follow(listeners: Set<() => void>, listener: () => void): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

function tellAll(listeners: Set<() => void>, change: () => unknown): void {
  change();
  for (const listener of [...listeners]) listener();
}

async function signedReset(signer: Credentials, clock: FakeClock, fields: MessageInitShape<typeof ResetRequestSchema> = {}) {
  const request = create(ResetRequestSchema, { agent: lead, messageId: "m-1", ...fields });
  const { requestSha256 = "" } = signedRequest("Reset", request) ?? {};
  const { key, chain, identity: caller } = signer;
  const deed = { method: "Reset", target: "team-a/h-1/lead", requestSha256 };
  const token = await signDeed(deed, { key, chain, caller, nowUnixMs: clock.nowUnixMs(), id: `id-${clock.monotonicMs()}` });
  return { method: "Reset", request, token };
}

const refused = (code: string, reason: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof MosaicError, String(thrown));
  assert.deepEqual([thrown.code, reason.test(thrown.message)], [code, true], thrown.message);
  return true;
};

test("this host's own tenant is asked nothing, and plain loopback is not its own where there are identities", async () => {
  const { guard, call, audit } = await setUp();
  for (const carrier of ["unix", "memory"] as const) {
    const { caller } = await guard().admit(call(undefined, { carrier, method: "Send", chain: undefined }));
    assert.deepEqual(caller, { kind: "local" });
  }
  await assert.rejects(
    guard().admit(call(undefined, { carrier: "tcp", chain: undefined })),
    refused("IDENTITY_REFUSED", /no certificate/),
  );
  assert.equal(audit.entries.length, 0);
});

test("who may, may; it is on record before it is done, and what can't be put on record is not done", async () => {
  const { guard, certify, call, audit } = await setUp();
  const caller = await certify(ada);
  const send = call(caller, {
    method: "Send",
    request: create(SendRequestSchema, { agent: lead, messageId: "m-1", text: "secret words" }),
  });
  assert.deepEqual((await guard().admit(send)).caller, { kind: "peer", identity: ada, capability: undefined });
  const [entry] = audit.of("call.allow");
  assert.deepEqual(
    [entry?.actor, entry?.agent, entry?.facts?.["method"], entry?.facts?.["message_id"]],
    ["tenant/team-a/user/ada", "team-a/alpha/lead", "Send", "m-1"],
  );
  assert.match(String(entry?.facts?.["because"]), /is operator in "team-a"/);
  assert.ok(!JSON.stringify(entry).includes("secret words"));
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  await assert.rejects(guard().admit(send), refused("MACHINE", /disk is full/));
});

test("methods that no rule knows, and those of the own socket, are refused on record", async () => {
  const { guard, certify, call, audit } = await setUp();
  const caller = await certify(ada);
  for (const method of ["Teleport", "Heartbeat", "toString"])
    await assert.rejects(guard().admit(call(caller, { method })), MosaicError, method);
  assert.equal(audit.of("call.deny").length, 3);
});

test("who may see nothing here is told what there is to say of nothing", async () => {
  const { guard, certify, call } = await setUp();
  const stranger = await certify(bob);
  const told = async (name: string) => {
    const request = create(SendRequestSchema, { agent: { ...lead, name }, messageId: "m", text: "x" });
    return await guard()
      .admit(call(stranger, { method: "Send", request }))
      .catch((thrown: MosaicError) => [thrown.code, thrown.message.replaceAll(name, "-"), thrown.candidates]);
  };
  assert.deepEqual(await told("lead"), await told("ghost"));
  await assert.rejects(guard().admit(call(stranger, list)), refused("NOT_ALLOWED", /no tenant here is one of yours/));
  await assert.rejects(guard().admit(call(stranger, { method: "Info" })), refused("NOT_ALLOWED", /no tenant here/));
});

test("an aggregator sees, and does only what somebody has signed, once", async () => {
  const { guard, certify, call, audit, clock } = await setUp();
  const [caller, aggregator] = [await certify(ada), await certify(relay)];
  const gate = guard();
  assert.deepEqual((await gate.admit(call(aggregator, list))).caller, { kind: "peer", identity: relay, capability: undefined });
  const reset = await signedReset(caller, clock);
  const admitted = await gate.admit(call(aggregator, reset));
  assert.ok(admitted.caller.kind === "peer");
  assert.deepEqual([admitted.caller.identity, admitted.caller.capability?.caller], [relay, ada]);
  assert.deepEqual(
    audit.of("call.allow").map(({ actor, facts }) => [actor, facts?.["relayed_by"]]),
    [["tenant/team-a/user/ada", "aggregator/agg-1"]],
  );
  await assert.rejects(gate.admit(call(aggregator, reset)), refused("NOT_ALLOWED", /used before/));
  await assert.rejects(gate.admit(call(aggregator, { ...reset, token: undefined })), refused("NOT_ALLOWED", /came without one/));
  const bobs = await signedReset(await certify(bob), clock);
  await assert.rejects(gate.admit(call(aggregator, bobs)), refused("AGENT_NOT_FOUND", /lead/));
  assert.equal(audit.of("call.deny").length, 3);
});

test("a capability is over after a minute, and one from before the node began is too", async () => {
  const { guard, certify, call, clock } = await setUp();
  const [caller, aggregator] = [await certify(ada), await certify(relay)];
  const gate = guard();
  const reset = await signedReset(caller, clock);
  await clock.advance(5000);
  const later = guard();
  await assert.rejects(later.admit(call(aggregator, reset)), refused("NOT_ALLOWED", /before this node began/));
  await clock.advance(91_000);
  await assert.rejects(gate.admit(call(aggregator, reset)), refused("NOT_ALLOWED", /it is over/));
});

test("a stream ends with the certificate it rests on, the caller's or the signer's", async () => {
  const { guard, certify, call, clock } = await setUp();
  const gate = guard();
  const direct = await gate.admit(call(await certify(ada, 60_000), list));
  const over = direct.over?.(new AbortController().signal);
  const reasons: (MosaicError | undefined)[] = [];
  void over?.then((why) => reasons.push(why));
  await clock.advance(59_000);
  assert.equal(reasons.length, 0);
  await clock.advance(1001);
  assert.match(reasons[0]?.message ?? "", /the certificate ended/);
  assert.equal(clock.sleeperCount, 0);
});

test("a lock and a change of the policy end streams at once, and no other call is let in", async () => {
  const { guard, certify, call, lock, rule, clock } = await setUp();
  const gate = guard();
  const caller = await certify(ada);
  const admitted = await gate.admit(call(caller, list));
  const begin = () => admitted.over?.(new AbortController().signal);
  const locked = begin();
  await settle();
  const view = {
    locks: [{ kind: "user", value: "team-a/ada", reason: "left", atUnixMs: 0 }],
    asOfUnixMs: clock.nowUnixMs(),
  } as const;
  lock(view);
  assert.match((await locked)?.message ?? "", /user team-a\/ada is locked out: left/);
  await assert.rejects(gate.admit(call(caller, list)), refused("IDENTITY_REFUSED", /locked out/));
  lock(NO_LOCKS);
  const second = begin();
  await settle();
  rule("grants: []");
  assert.match((await second)?.message ?? "", /no tenant here is one of yours/);
});

test("who leaves a stream takes what watches over it along", async () => {
  const { guard, certify, call, clock } = await setUp();
  const stop = new AbortController();
  const over = (await guard().admit(call(await certify(ada), list))).over?.(stop.signal);
  await settle();
  assert.equal(clock.sleeperCount, 1);
  stop.abort();
  assert.equal(await over, undefined);
  assert.equal(clock.sleeperCount, 0);
});

test("ids are remembered while they could be used again, and where there is no room nothing is let in", () => {
  const used = new UsedIds(2);
  assert.deepEqual([used.use("a", 100, 0), used.use("a", 100, 50), used.use("b", 200, 50)], [true, false, true]);
  assert.throws(() => used.use("c", 200, 60), refused("BUSY", /too many/));
  assert.deepEqual([used.use("c", 300, 150), used.use("b", 300, 150)], [true, false]);
});

test("a log is read over an aggregator by an operator's signature for this host and this question, once, and is not on record", async () => {
  const { guard, certify, call, audit, clock } = await setUp();
  const [operator, aggregator] = [await certify(ada), await certify(relay)];
  const request = create(ReadLogRequestSchema, { tenantId: "team-a", host: "alpha", lines: 5 });
  const sign = async (asked: typeof request, target = "team-a/h-1/") => {
    const { requestSha256 = "" } = signedRequest("ReadLog", asked) ?? {};
    const { key, chain, identity: caller } = operator;
    const id = `id-${Math.random()}`;
    return await signDeed({ method: "ReadLog", target, requestSha256 }, { key, chain, caller, nowUnixMs: clock.nowUnixMs(), id });
  };
  const node = guard();
  const token = await sign(request);
  const relayed = { method: "ReadLog", request, token };
  await node.admit(call(aggregator, relayed));
  assert.equal(audit.of("call.allow").length, 0);
  await assert.rejects(node.admit(call(aggregator, relayed)), refused("NOT_ALLOWED", /used before/));
  const more = create(ReadLogRequestSchema, { ...request, follow: true });
  await assert.rejects(
    node.admit(call(aggregator, { ...relayed, request: more, token: await sign(request) })),
    refused("NOT_ALLOWED", /another request/),
  );
  const elsewhere = create(ReadLogRequestSchema, { ...request, host: "beta" });
  await assert.rejects(
    node.admit(call(aggregator, { ...relayed, request: elsewhere, token: await sign(elsewhere) })),
    refused("NOT_ALLOWED", /does not name this host/),
  );
  await assert.rejects(node.admit(call(aggregator, { method: "ReadLog", request })), refused("NOT_ALLOWED", /came without one/));
  await node.admit(call(operator, { method: "ReadLog", request }));
  assert.equal(audit.of("call.deny").length, 4);
});

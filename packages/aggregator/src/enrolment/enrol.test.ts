import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { createFleetCa, fingerprintWords, identityOf, newKey, parseCertificates, parseIdentity } from "@mosaic/identity";
import type { EnrolmentCaller } from "@mosaic/rpc";
import { ApproveRequestSchema, EnrolledKind, InviteRequestSchema, LockOutRequestSchema } from "@mosaic/wire";
import {
  aFleet,
  type Fleet,
  inviteHost,
  type Joiner,
  join,
  kept,
  local,
  pinOfKey,
  putAuthority,
  refusalOf,
  renewWith,
  stranger,
} from "./enrolment-for-tests.ts";

const MIN_MS = 60_000;
const DAY_MS = 24 * 60 * MIN_MS;

test("who comes with a line is let in: a certificate for its own key, expected by membership, audited before", async () => {
  const fleet = await aFleet();
  const key = newKey();
  const reply = await join(fleet, await inviteHost(fleet), { key });
  const chain = parseCertificates(reply.chain ?? "", "reply");
  const trust = { fleet: "acme", roots: [fleet.ca.root.certificate] };
  const identity = identityOf(chain, trust, fleet.clock.nowUnixMs());
  assert.deepEqual(identity, { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" });
  assert.equal(Date.parse(chain[0]?.validTo ?? "") - fleet.clock.nowUnixMs() <= DAY_MS, true, "24 h");
  assert.equal(reply.isExpected, true);
  assert.deepEqual(fleet.expected, [
    { tenantId: "team-a", host: "alpha", hostId: "h-1", addresses: ["https://10.0.0.1:8443"], invitedBy: "desk:ada" },
  ]);
  assert.deepEqual(
    fleet.audit.entries.map(({ action, actor }) => [action, actor]),
    [
      ["enrolment.invite", "desk:ada"],
      ["enrolment.enrol", "desk:ada"],
    ],
  );
});

test("a lost reply is no lock-out: the same key may come again for ten minutes", async () => {
  const fleet = await aFleet();
  const [line, key] = [await inviteHost(fleet), newKey()];
  await join(fleet, line, { key });
  assert.notEqual((await join(fleet, line, { key })).chain, "");
  assert.equal(fleet.deps.register.state.members.length, 1);
});

/** Who comes with a line that was used by `first`, or should not work for another reason. */
interface Attack {
  readonly name: string;
  readonly refused: RegExp;
  readonly alarms?: true;
  readonly run: (fleet: Fleet, line: Awaited<ReturnType<typeof inviteHost>>, first: Joiner) => Promise<unknown>;
}

const attacks: readonly Attack[] = [
  {
    name: "stolen token: somebody else had it first, and the host that was meant is told",
    refused: /IDENTITY_REFUSED: the invitation was used by another key/,
    alarms: true,
    run: async (fleet, line, thief) => {
      await join(fleet, line, { ...thief, hostId: "h-thief" });
      return await join(fleet, line, { key: newKey() });
    },
  },
  {
    name: "token reuse with another key",
    refused: /IDENTITY_REFUSED: the invitation was used by another key/,
    alarms: true,
    run: async (fleet, line, first) => {
      await join(fleet, line, first);
      return await join(fleet, line, { ...first, key: newKey() });
    },
  },
  {
    name: "expired token",
    refused: /IDENTITY_REFUSED: the invitation is over/,
    run: async (fleet, line, first) => {
      await fleet.clock.advance(15 * MIN_MS);
      return await join(fleet, line, first);
    },
  },
  {
    name: "wrong secret",
    refused: /IDENTITY_REFUSED: the invitation is not known/,
    run: (fleet, line, first) => join(fleet, line, { ...first, secret: "x".repeat(43) }),
  },
  {
    name: "no such invitation, answered like a wrong secret",
    refused: /IDENTITY_REFUSED: the invitation is not known/,
    run: (fleet, line, first) => join(fleet, { ...line, invitationId: "0".repeat(32) }, first),
  },
  {
    name: "replay after 10 min",
    refused: /IDENTITY_REFUSED: the invitation was used before/,
    run: async (fleet, line, first) => {
      await join(fleet, line, first);
      await fleet.clock.advance(10 * MIN_MS + 1);
      return await join(fleet, line, first);
    },
  },
  {
    name: "a key of another kind",
    refused: /P-256|Data|curve/i,
    run: (fleet, line) => join(fleet, line, { key: generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey }),
  },
  {
    name: "the name of a host that is in the fleet",
    refused: /NOT_ALLOWED: team-a\/alpha is in the fleet already, with another key/,
    run: async (fleet, line, first) => {
      await join(fleet, line, first);
      return await join(fleet, await inviteHost(fleet), { key: newKey(), hostId: "h-2" });
    },
  },
  {
    name: "the id of a host that is in the fleet",
    refused: /NOT_ALLOWED: team-a\/alpha is in the fleet already, with another key/,
    run: async (fleet, line, first) => {
      await join(fleet, line, first);
      return await join(fleet, await inviteHost(fleet), { key: newKey(), host: "other" });
    },
  },
  {
    name: "a banned key under another name",
    refused: /NOT_ALLOWED: .* is banned/,
    run: async (fleet, line, first) => {
      await join(fleet, line, first);
      await lock(fleet, { ban: true });
      return await join(fleet, await inviteHost(fleet), { ...first, hostId: "h-2", host: "other" });
    },
  },
];

for (const { name, refused, alarms = false, run } of attacks) {
  test(`refused: ${name}`, async () => {
    const fleet = await aFleet();
    const line = await inviteHost(fleet);
    assert.match(await refusalOf(run(fleet, line, { key: newKey() })), refused);
    assert.equal(fleet.deps.register.state.alarms.length, alarms ? 1 : 0);
    const isAudited = fleet.audit.entries.some(({ action }) => action === "enrolment.alarm");
    assert.equal(isAudited, alarms);
    const written = JSON.stringify([...fleet.files.texts.values(), fleet.audit.entries]);
    assert.equal(written.includes(line.secret), false, "the secret is nowhere");
  });
}

test("who guesses is stopped after five attempts a minute, and says when to come back", async () => {
  const fleet = await aFleet();
  const line = await inviteHost(fleet);
  for (let index = 0; index < 5; index += 1)
    assert.match(await refusalOf(join(fleet, line, { secret: `${index}`.repeat(43) })), /not known/);
  assert.match(await refusalOf(join(fleet, line)), /BUSY: too many attempts to join from this address/);
  await fleet.clock.advance(MIN_MS);
  assert.notEqual((await join(fleet, line)).chain, "");
});

test("two keys at once: one is let in, whoever was first", async () => {
  const fleet = await aFleet();
  const line = await inviteHost(fleet);
  const ends = await Promise.all([join(fleet, line), join(fleet, line)].map(refusalOf));
  assert.deepEqual(ends.sort(), ["IDENTITY_REFUSED: the invitation was used by another key", "let in"]);
});

test("with --approve a person compares six words; only then a certificate is made, for that key", async () => {
  const fleet = await aFleet();
  const [line, key] = [await inviteHost(fleet, { needsApproval: true }), newKey()];
  const waiting = await join(fleet, line, { key });
  assert.deepEqual([waiting.waiting, waiting.chain ?? ""], [true, ""]);
  assert.equal(waiting.fingerprint, fingerprintWords(pinOfKey(key)));
  const approve = (fingerprint: string) => fleet.handlers.approve(create(ApproveRequestSchema, { fingerprint }), local);
  assert.match(await refusalOf(approve("babab-babab-babab-babab-babab-babab")), /nobody with those six words/);
  // The person takes longer than the ten minutes in which a key may repeat itself.
  await fleet.clock.advance(12 * MIN_MS);
  assert.deepEqual(await approve(waiting.fingerprint ?? ""), { identity: "spiffe://acme/tenant/team-a/host/h-1/node" });
  assert.notEqual((await join(fleet, line, { key })).chain ?? "", "");
});

test("a person and automation get the name that the invitation says, and nobody else's", async () => {
  const fleet = await aFleet();
  const line = await inviteHost(fleet, { kind: EnrolledKind.USER, name: "ada" });
  const reply = await join(fleet, line, { hostId: "root", host: "" });
  assert.equal(reply.identity, "spiffe://acme/tenant/team-a/user/ada");
  assert.deepEqual(fleet.expected, []);
});

test("only administrators of the tenant invite from elsewhere; a stranger is nobody", async () => {
  const grants = [{ role: "admin", tenantId: "team-a", who: "tenant/team-a/user/ada" }] as const;
  const fleet = await aFleet({ policy: () => ({ grants }) });
  const key = newKey();
  const line = await inviteHost(fleet, { kind: EnrolledKind.USER, name: "ada" });
  const ada = { ...stranger, chain: parseCertificates((await join(fleet, line, { key })).chain ?? "", "chain") };
  const invite = (tenantId: string, caller: EnrolmentCaller = ada) =>
    refusalOf(fleet.handlers.invite(create(InviteRequestSchema, { kind: EnrolledKind.NODE, tenantId }), caller));
  assert.equal(await invite("team-a"), "let in");
  assert.match(await invite("team-b"), /NOT_ALLOWED: Invite is for administrators/);
  assert.match(await invite("team-a", stranger), /IDENTITY_REFUSED: no certificate was shown/);
  await fleet.clock.advance(DAY_MS);
  assert.match(await invite("team-a"), /IDENTITY_REFUSED: the certificate ended/);
});

function lock({ handlers }: Fleet, fields: { ban?: boolean; lift?: boolean; dryRun?: boolean } = {}) {
  const request = create(LockOutRequestSchema, {
    kind: EnrolledKind.NODE,
    tenantId: "team-a",
    name: "alpha",
    reason: "lost",
    ...fields,
  });
  return handlers.lockOut(request, local);
}

test("renewed by the same key, also 20 days after the end; not after 30 days, nor by another key or before its time", async () => {
  const fleet = await aFleet();
  const key = newKey();
  const { chain = "" } = await join(fleet, await inviteHost(fleet), { key });
  assert.match(await refusalOf(renewWith(fleet, newKey(), chain)), /signed with another key/);
  const fresh = await renewWith(fleet, key, chain);
  assert.equal(fresh.wasLate, false);
  await fleet.clock.advance(20 * DAY_MS);
  const late = await renewWith(fleet, key, fresh.chain ?? "");
  assert.equal(late.wasLate, true);
  assert.equal(fleet.audit.entries.at(-1)?.action, "enrolment.late_renewal");
  await fleet.clock.advance(32 * DAY_MS);
  assert.match(await refusalOf(renewWith(fleet, key, late.chain ?? "")), /more than 30 days ago/);
});

test("refused: a certificate from the future of the aggregator's clock, which is said", async () => {
  const fleet = await aFleet();
  const key = newKey();
  const { chain = "" } = await join(fleet, await inviteHost(fleet), { key });
  fleet.clock.jumpWall(-60 * MIN_MS);
  assert.match(await refusalOf(renewWith(fleet, key, chain)), /IDENTITY_REFUSED: the certificate holds from/);
});

test("refused: wrong fleet, which is one of another authority of the same name too", async () => {
  const [fleet, other] = [await aFleet(), await aFleet()];
  const key = newKey();
  const { chain = "" } = await join(other, await inviteHost(other), { key });
  assert.match(await refusalOf(renewWith(fleet, key, chain)), /no authority of this fleet/);
  await putAuthority(fleet.files, await createFleetCa("acme", fleet.clock.nowUnixMs()));
  await putAuthority(fleet.files, other.ca);
  assert.match(await refusalOf(renewWith(fleet, key, chain)), /not a member of the fleet with this key/);
});

test("an evicted host renews no more and may be invited again with the same key; a banned one may not until it is lifted", async () => {
  const fleet = await aFleet();
  const key = newKey();
  const { chain = "" } = await join(fleet, await inviteHost(fleet), { key });
  assert.deepEqual(await lock(fleet, { dryRun: true }), {
    identity: "spiffe://acme/tenant/team-a/host/h-1/node",
    changed: true,
    lockCount: 2,
  });
  assert.notEqual((await renewWith(fleet, key, chain)).chain, "", "a dry run does nothing");
  await lock(fleet);
  assert.deepEqual((await lock(fleet)).changed, false);
  assert.match(await refusalOf(renewWith(fleet, key, chain)), /NOT_ALLOWED: .*was locked out: lost/);
  await fleet.clock.advance(MIN_MS);
  const again = await join(fleet, await inviteHost(fleet), { key });
  assert.notEqual((await renewWith(fleet, key, again.chain ?? "")).chain, "");
  await lock(fleet, { ban: true });
  assert.match(await refusalOf(inviteHost(fleet).then((line) => join(fleet, line, { key }))), /is banned/);
  await lock(fleet, { lift: true });
  assert.match(await refusalOf(renewWith(fleet, key, again.chain ?? "")), /locked out/, "what was made before stays taken away");
  await fleet.clock.advance(MIN_MS);
  assert.notEqual((await join(fleet, await inviteHost(fleet), { key })).chain, "");
});

test("who is evicted while a renewal is on its way gets no certificate that the eviction does not reach", async () => {
  const fleet = await aFleet();
  const key = newKey();
  const { chain = "" } = await join(fleet, await inviteHost(fleet), { key });
  const { audit } = fleet;
  const record = audit.record.bind(audit);
  let isEvicted = false;
  audit.record = async (entry) => {
    await record(entry);
    if (entry.action !== "enrolment.renewal" || isEvicted) return;
    isEvicted = true;
    await lock(fleet);
  };
  assert.match(await refusalOf(renewWith(fleet, key, chain)), /was locked out: lost/);
  assert.equal(isEvicted, true);
});

test("who waits for news hears of a lock at once", async () => {
  const fleet = await aFleet();
  const key = newKey();
  const { chain = "" } = await join(fleet, await inviteHost(fleet), { key });
  const { news = "", locks } = await renewWith(fleet, key, chain, { wantsCertificate: false });
  assert.deepEqual(JSON.parse(locks ?? "").locks, []);
  const other = newKey();
  await join(fleet, await inviteHost(fleet), { key: other, hostId: "h-2", host: "beta" });
  const waits = renewWith(fleet, key, chain, { wantsCertificate: false, newsSeen: news, waitMs: 25_000 });
  await lock(fleet, {}).catch(() => {});
  assert.match(await refusalOf(waits), /was locked out/, "it is itself the one");
  const [second] = fleet.deps.register.state.members.filter(({ host }) => host === "beta");
  assert.equal(second?.standing, "in");
});

test("what was decided is on disk: another process knows the used invitation", async () => {
  const fleet = await aFleet();
  const line = await inviteHost(fleet);
  await join(fleet, line);
  assert.equal(kept(fleet, line.invitationId)?.used?.isApproved, true);
  const { Register } = await import("./register.ts");
  const next = await Register.open(fleet.files, "/m/fleet/enrolment.json");
  assert.deepEqual(next.state, JSON.parse(JSON.stringify(fleet.deps.register.state)));
  assert.equal(parseIdentity(next.state.members[0]?.identity ?? "")?.kind, "node");
});

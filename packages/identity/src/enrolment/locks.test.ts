import assert from "node:assert/strict";
import { test } from "node:test";
import { acme, NOW_MS } from "../certificates-for-tests.ts";
import { issueLeaf, publicKeyOf } from "../fleet-ca.ts";
import { newKey } from "../key-pair.ts";
import type { Identity } from "../spiffe-id.ts";
import { assertFreshLocks, findLock, formatLocks, type Lock, parseLocks } from "./locks.ts";
import { pinOf } from "./pin.ts";
import { renewAtUnixMs } from "./renewal.ts";

const node: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" };
const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };

async function leafFor(identity: Identity, nowUnixMs = NOW_MS, key = newKey()) {
  return await issueLeaf((await acme()).intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs });
}

function lock(kind: Lock["kind"], value: string, fields: Partial<Lock> = {}): Lock {
  return { kind, value, reason: "", atUnixMs: NOW_MS, ...fields };
}

test("a lock fits by host, key, serial, user or tenant, and nobody else", async () => {
  const [host, user] = [await leafFor(node), await leafFor(ada)];
  const finds = (each: Lock, identity: Identity, leaf = host) =>
    findLock({ locks: [each], asOfUnixMs: 0 }, identity, leaf) === each;
  assert.equal(finds(lock("host", "h-1"), node), true);
  assert.equal(finds(lock("host", "h-2"), node), false);
  assert.equal(finds(lock("key", pinOf(host)), node), true);
  assert.equal(finds(lock("serial", host.serialNumber.toLowerCase()), node), true);
  assert.equal(finds(lock("user", "team-a/ada"), ada, user), true);
  assert.equal(finds(lock("agent", "team-a/ada"), ada, user), false);
  assert.equal(finds(lock("user", "team-b/ada"), ada, user), false);
  assert.equal(finds(lock("tenant", "team-a"), ada, user), true);
});

test("a lock on what was made up to now lets in who is invited again later, by the same key", async () => {
  const key = newKey();
  const [before, after] = [await leafFor(node, NOW_MS, key), await leafFor(node, NOW_MS + 2000, key)];
  const view = { locks: [lock("host", "h-1", { madeUntilUnixMs: NOW_MS + 1000 })], asOfUnixMs: 0 };
  assert.notEqual(findLock(view, node, before), undefined);
  assert.equal(findLock(view, node, after), undefined);
});

test("locks are read as they were written; what is not understood is refused and not passed over", () => {
  const view = { locks: [lock("host", "h-1", { reason: "stolen", madeUntilUnixMs: 7 }), lock("key", "ab")], asOfUnixMs: 9 };
  assert.deepEqual(parseLocks(formatLocks(view), "locks.json"), view);
  for (const bad of [
    "",
    "{}",
    '{"locks":[{"kind":"moon","value":"x","at":1}],"as_of":1}',
    '{"locks":[{"kind":"host"}],"as_of":1}',
  ])
    assert.throws(() => parseLocks(bad, "locks.json"), { code: "MACHINE" });
});

test("a certificate is renewed at half of its life, give or take a tenth", async () => {
  const leaf = await leafFor(node);
  const hoursIn = (random: number) => Math.round((renewAtUnixMs(leaf, random) - NOW_MS) / 360_000) / 10;
  assert.deepEqual([hoursIn(0), hoursIn(0.5), hoursIn(1)], [9.6, 12, 14.4]);
});

test("a view of more than five minutes is too old to change anything by, and where nobody keeps locks there is none", () => {
  const view = { locks: [], asOfUnixMs: NOW_MS };
  assertFreshLocks(view, NOW_MS + 300_000);
  assert.throws(() => assertFreshLocks(view, NOW_MS + 360_000), { code: "NOT_ALLOWED", message: /last heard 6 min ago/ });
  assertFreshLocks({ locks: [], asOfUnixMs: 0 }, NOW_MS);
});

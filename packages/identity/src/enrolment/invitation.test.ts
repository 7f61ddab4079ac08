import assert from "node:assert/strict";
import { test } from "node:test";
import type { Identity } from "../spiffe-id.ts";
import { fingerprintWords } from "./fingerprint.ts";
import { type Invitation, newInvitation, redeem, SAME_KEY_MS } from "./invitation.ts";
import { formatJoinLine, parseJoinLine } from "./join-line.ts";

const NOW_MS = 1_000_000;
const node: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" };

function invite(needsApproval = false) {
  const expiresAtUnixMs = NOW_MS + 900_000;
  return newInvitation({ invited: { kind: "node", tenantId: "team-a" }, expiresAtUnixMs, needsApproval, madeBy: "desk:ada" });
}

function usedOnce(needsApproval = false): { used: Invitation; secret: string } {
  const { invitation, secret } = invite(needsApproval);
  const first = redeem(invitation, { secret, keySha256: "k1", identity: node }, NOW_MS);
  assert.ok(first.kind !== "refused");
  return { used: { ...invitation, used: first.use }, secret };
}

test("an invitation is for one key; the same key may come again for ten minutes, as a lost reply is no lock-out", () => {
  const { used, secret } = usedOnce();
  const again = (afterMs: number) => redeem(used, { secret, keySha256: "k1", identity: node }, NOW_MS + afterMs);
  assert.equal(again(SAME_KEY_MS).kind, "welcome");
  assert.deepEqual(again(SAME_KEY_MS + 1), { kind: "refused", because: "used-before", isAlarming: false });
});

test("another key with a used invitation is refused and alarms, also within the ten minutes", () => {
  const { used, secret } = usedOnce();
  const thief = redeem(used, { secret, keySha256: "k2", identity: node }, NOW_MS + 1);
  assert.deepEqual(thief, { kind: "refused", because: "used-by-another-key", isAlarming: true });
});

test("a wrong secret and an unknown id get the same answer", () => {
  const attempt = { secret: "wrong", keySha256: "k1", identity: node };
  const expected = { kind: "refused", because: "unknown", isAlarming: false };
  assert.deepEqual(redeem(invite().invitation, attempt, NOW_MS), expected);
  assert.deepEqual(redeem(undefined, attempt, NOW_MS), expected);
});

test("an invitation that is over lets nobody in", () => {
  const { invitation, secret } = invite();
  const late = redeem(invitation, { secret, keySha256: "k1", identity: node }, NOW_MS + 900_000);
  assert.deepEqual(late, { kind: "refused", because: "over", isAlarming: false });
});

test("nobody becomes somebody else than was invited", () => {
  const { invitation, secret } = invite();
  const others: Identity[] = [
    { ...node, tenantId: "team-b" },
    { kind: "aggregator", fleet: "acme", id: "a" },
    { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" },
  ];
  for (const identity of others)
    assert.deepEqual(redeem(invitation, { secret, keySha256: "k1", identity }, NOW_MS), {
      ...{ kind: "refused", because: "other-identity", isAlarming: true },
    });
});

test("where a person has to approve, who came waits, and only that key", () => {
  const { used, secret } = usedOnce(true);
  const attempt = { secret, keySha256: "k1", identity: node };
  assert.equal(redeem(used, attempt, NOW_MS + 1).kind, "wait");
  assert.equal(redeem(used, { ...attempt, keySha256: "k2" }, NOW_MS + 1).kind, "refused");
  const approved = { ...used, used: used.used && { ...used.used, isApproved: true } };
  assert.equal(redeem(approved, attempt, NOW_MS + 2).kind, "welcome");
});

test("the secret is nowhere in what is kept", () => {
  const { invitation, secret } = invite();
  assert.equal(JSON.stringify(invitation).includes(secret), false);
});

test("a join line is one word and survives being wrapped by a terminal; half of it is refused without being quoted", () => {
  const line = { fleet: "acme", addresses: ["10.0.0.1:8443"], rootPins: ["ab".repeat(32)], invitationId: "i", secret: "s3cret" };
  const text = formatJoinLine(line);
  assert.match(text, /^[A-Za-z0-9._-]+$/);
  assert.deepEqual(parseJoinLine(`  ${text.slice(0, 40)}\n  ${text.slice(40)}\n`), line);
  for (const bad of ["", text.slice(0, -30), `x${text}`, "mosaic-join-1.e30", "mosaic-join-1.bnVsbA"])
    assert.throws(
      () => parseJoinLine(bad),
      (thrown: Error & { code?: string }) =>
        thrown.code === "USAGE" && !thrown.message.includes(bad.slice(20, 60) || "mosaic-join"),
    );
});

test("a fingerprint is six words that differ with the hash", () => {
  assert.match(fingerprintWords("00".repeat(32)), /^babab(-babab){5}$/);
  assert.equal(fingerprintWords(`7f000001${"0".repeat(56)}`).slice(0, 11), "lusab-babad");
  assert.notEqual(fingerprintWords("ab".repeat(32)), fingerprintWords("ac".repeat(32)));
});

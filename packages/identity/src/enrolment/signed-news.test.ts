import assert from "node:assert/strict";
import { test } from "node:test";
import { createFleetCa, issueIntermediate, issueLeaf, publicKeyOf } from "../fleet-ca.ts";
import { newKey } from "../key-pair.ts";
import { type LockView, parseLocks } from "./locks.ts";
import { readSignedNews, signNews } from "./signed-news.ts";

const nowMs = Date.UTC(2026, 0, 1);
const csr = new Uint8Array([1, 2, 3]);
const view: LockView = {
  asOfUnixMs: nowMs,
  locks: [{ kind: "host", value: "h-1", reason: "stolen", atUnixMs: nowMs, madeUntilUnixMs: nowMs }],
};

async function aFleet() {
  const ca = await createFleetCa("acme", nowMs);
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  return { ca, trust, told: { roots: String(ca.root.certificate), policy: "grants: []\n" } };
}

test("what the authority has signed for this question is believed, and is read as locks like any other", async () => {
  const { ca, trust, told } = await aFleet();
  const text = signNews(ca.intermediate, view, told, csr);
  assert.deepEqual(readSignedNews(text, told, csr, trust, nowMs), view);
  assert.deepEqual(parseLocks(text, "locks.json"), view);
});

test("a lock that was taken out, other roots, another policy, and an answer to another question are refused", async () => {
  const { ca, trust, told } = await aFleet();
  const text = signNews(ca.intermediate, view, told, csr);
  const { ca: other } = await aFleet();
  const without = JSON.stringify({ ...(JSON.parse(text) as object), locks: [] });
  const later = JSON.stringify({ ...(JSON.parse(text) as object), as_of: nowMs + 1 });
  const cases: readonly (readonly [string, string, typeof told, Uint8Array])[] = [
    ["a lock taken out", without, told, csr],
    ["made younger", later, told, csr],
    ["other roots", text, { ...told, roots: String(other.root.certificate) }, csr],
    ["another policy", text, { ...told, policy: "grants: [{ role: admin, tenant: team-a, who: user/eve }]\n" }, csr],
    ["an older answer", text, told, new Uint8Array([1, 2, 4])],
    ["no signature", JSON.stringify({ locks: [], as_of: nowMs }), told, csr],
  ];
  for (const [what, answer, heard, question] of cases)
    assert.throws(() => readSignedNews(answer, heard, question, trust, nowMs), { code: "IDENTITY_REFUSED" }, what);
});

test("a certificate that is no authority's signs nothing: not an aggregator's, nor one under another root, nor one that is over", async () => {
  const { ca, trust, told } = await aFleet();
  const key = newKey();
  const identity = { kind: "aggregator", fleet: "acme", id: "a-2" } as const;
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: nowMs });
  const { ca: other } = await aFleet();
  const over = await issueIntermediate(ca.root, "acme", nowMs - 91 * 86_400_000);
  const under = await issueIntermediate({ key, certificate: leaf }, "acme", nowMs);
  for (const signer of [{ key, certificate: leaf }, other.intermediate, over, under])
    assert.throws(() => readSignedNews(signNews(signer, view, told, csr), told, csr, trust, nowMs), {
      code: "IDENTITY_REFUSED",
    });
});

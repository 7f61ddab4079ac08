import assert from "node:assert/strict";
import { createPublicKey, type X509Certificate } from "node:crypto";
import { test } from "node:test";
import { checkpointProblem, signCheckpoint } from "./audit-checkpoint.ts";
import { acme, NOW_MS } from "./certificates-for-tests.ts";
import { pinOf } from "./enrolment/pin.ts";
import { createFleetCa, issueLeaf } from "./fleet-ca.ts";
import { newKey } from "./key-pair.ts";
import type { Identity } from "./spiffe-id.ts";

const node = (hostId: string): Identity => ({ kind: "node", fleet: "acme", tenantId: "team-a", hostId });
const claim = { index: 1000, prev: "a".repeat(64), at: new Date(NOW_MS).toISOString() };

async function signerOf(identity: Identity) {
  const ca = await acme();
  const key = newKey();
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const leaf = await issueLeaf(ca.intermediate, { publicKey, identity, nowUnixMs: NOW_MS });
  const chain: X509Certificate[] = [leaf, ca.intermediate.certificate];
  const proof = { keyId: pinOf(leaf), signature: signCheckpoint(claim, key) };
  return { chain, proof, key, trust: { fleet: "acme", roots: [ca.root.certificate] } };
}

test("a checkpoint of the node that keeps the log holds, also when its certificate is over", async () => {
  const { chain, proof, trust, key } = await signerOf(node("h1"));
  assert.equal(checkpointProblem(claim, proof, { chain, trust, keepers: [node("h1")] }), undefined);
  const later = { ...claim, at: new Date(NOW_MS + 400 * 86_400_000).toISOString() };
  assert.equal(
    checkpointProblem(later, { ...proof, signature: signCheckpoint(later, key) }, { chain, trust, keepers: [] }),
    undefined,
  );
});

test("a checkpoint of another place, time, host, key or fleet, or without a certificate, says what is wrong", async () => {
  const { chain, proof, trust, key } = await signerOf(node("h1"));
  const judge = { chain, trust, keepers: [node("h1")] };
  const notHeld = "its signature does not hold";
  assert.equal(checkpointProblem({ ...claim, index: 999 }, proof, judge), notHeld);
  assert.equal(checkpointProblem({ ...claim, prev: "b".repeat(64) }, proof, judge), notHeld);
  assert.equal(checkpointProblem({ ...claim, at: new Date(NOW_MS + 1).toISOString() }, proof, judge), notHeld);
  assert.equal(checkpointProblem(claim, { ...proof, signature: "" }, judge), notHeld);
  assert.match(checkpointProblem(claim, { ...proof, keyId: "f".repeat(64) }, judge) ?? "", /of another key/);
  assert.match(checkpointProblem(claim, proof, { ...judge, chain: [] }) ?? "", /no certificate of the key/);
  assert.match(checkpointProblem(claim, proof, { ...judge, keepers: [node("h2")] }) ?? "", /signed by spiffe.*h1/);
  const early = { ...claim, at: new Date(NOW_MS - 86_400_000).toISOString() };
  const signedEarly = { ...proof, signature: signCheckpoint(early, key) };
  assert.match(checkpointProblem(early, signedEarly, judge) ?? "", /older than the certificate/);
  const other = await createFleetCa("acme", NOW_MS - 86_400_000);
  const otherTrust = { fleet: "acme", roots: [other.root.certificate] };
  assert.match(checkpointProblem(claim, proof, { ...judge, trust: otherTrust }) ?? "", /no authority of this fleet/);
  const user = await signerOf({ kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" });
  assert.match(checkpointProblem(claim, user.proof, { chain: user.chain, trust, keepers: [] }) ?? "", /keeps no audit log/);
});

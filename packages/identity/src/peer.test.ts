import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { acme, NOW_MS, oddLeaf, uri } from "./certificates-for-tests.ts";
import { createFleetCa, issueIntermediate, issueLeaf, LEAF_TTL_MS, publicKeyOf } from "./fleet-ca.ts";
import { newKey } from "./key-pair.ts";
import { identityOf, PeerRefused, type Refusal } from "./peer.ts";
import type { Identity } from "./spiffe-id.ts";

const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };
const ADA = "spiffe://acme/tenant/team-a/user/ada";

async function trust() {
  return { fleet: "acme", roots: [(await acme()).root.certificate] };
}

async function leafOf(identity = ada): Promise<X509Certificate> {
  return await issueLeaf((await acme()).intermediate, { identity, publicKey: publicKeyOf(newKey()), nowUnixMs: NOW_MS });
}

test("a leaf of the fleet's own authority names its identity, for a day and no longer", async () => {
  const { intermediate } = await acme();
  const leaf = await leafOf();
  assert.equal(leaf.subjectAltName, `URI:${ADA}`);
  assert.deepEqual(identityOf([leaf, intermediate.certificate], await trust(), NOW_MS), ada);
  assert.equal(Date.parse(leaf.validTo), NOW_MS + LEAF_TTL_MS);
  assert.equal(leaf.ca, false);
});

test("no leaf outlives the authority that signed it", async () => {
  const { intermediate } = await acme();
  const lateMs = Date.parse(intermediate.certificate.validTo) - 60_000;
  const leaf = await issueLeaf(intermediate, { identity: ada, publicKey: publicKeyOf(newKey()), nowUnixMs: lateMs });
  assert.equal(leaf.validTo, intermediate.certificate.validTo);
});

test("while a root is replaced, both are believed", async () => {
  const [old, next] = [await acme(), await createFleetCa("acme", NOW_MS)];
  const roots = [old.root.certificate, next.root.certificate];
  for (const { intermediate } of [old, next]) {
    const leaf = await issueLeaf(intermediate, { identity: ada, publicKey: publicKeyOf(newKey()), nowUnixMs: NOW_MS });
    assert.deepEqual(identityOf([leaf, intermediate.certificate], { fleet: "acme", roots }, NOW_MS), ada);
  }
});

type Case = readonly [name: string, refusal: Refusal, chain: () => Promise<X509Certificate[]>];

const by = async (names: string[], more: object = {}) => {
  const { intermediate } = await acme();
  return [await oddLeaf({ names: names.map(uri), issuer: intermediate, ...more }), intermediate.certificate];
};

const refused: readonly Case[] = [
  ["no certificate at all", "no-certificate", async () => []],
  ["one without a SAN", "no-uri-san", () => by([])],
  ["a DNS name in place of a URI", "no-uri-san", () => by([], { names: [{ type: "dns", value: "acme" }] })],
  ["two URIs", "several-sans", () => by([ADA, "spiffe://acme/aggregator/a"])],
  ["a URI and a DNS name", "several-sans", () => by([], { names: [uri(ADA), { type: "dns", value: "alpha" }] })],
  ["a URI that holds another behind a comma", "not-an-identity", () => by([`${ADA}, URI:spiffe://acme/aggregator/a`])],
  ["a URI that is no identity", "not-an-identity", () => by(["spiffe://acme/tenant/team-a/user/ada/"])],
  ["the right authority and another fleet", "other-fleet", () => by(["spiffe://umbrella/aggregator/a"])],
  ["one that is over", "expired", () => by([ADA], { fromMs: NOW_MS - 2000, toMs: NOW_MS - 1000 })],
  ["one that ends this very moment", "expired", () => by([ADA], { fromMs: NOW_MS - 2000, toMs: NOW_MS })],
  ["one that does not hold yet", "not-yet-valid", () => by([ADA], { fromMs: NOW_MS + 1000 })],
  ["one that signed itself", "unknown-authority", async () => [await oddLeaf({ names: [uri(ADA)] })]],
  ["the certificate of an authority", "is-an-authority", () => by([ADA], { isAuthority: true })],
  [
    "another authority of the same name",
    "unknown-authority",
    async () => {
      const other = await createFleetCa("acme", NOW_MS - 1000);
      return [
        await oddLeaf({ names: [uri(ADA)], issuer: other.intermediate }),
        other.intermediate.certificate,
        other.root.certificate,
      ];
    },
  ],
  [
    "a leaf that signed another",
    "unknown-authority",
    async () => {
      const { intermediate } = await acme();
      const key = newKey();
      const leaf = await issueLeaf(intermediate, { identity: ada, publicKey: publicKeyOf(key), nowUnixMs: NOW_MS });
      const forged = await oddLeaf({ names: [uri("spiffe://acme/aggregator/a")], issuer: { certificate: leaf, key } });
      return [forged, leaf, intermediate.certificate];
    },
  ],
  ["the chain without its intermediate", "unknown-authority", async () => [await leafOf()]],
  [
    "an intermediate that is over",
    "expired",
    async () => {
      const { root } = await acme();
      const old = await issueIntermediate(root, "acme", NOW_MS - 91 * 86_400_000);
      return [await oddLeaf({ names: [uri(ADA)], issuer: old }), old.certificate];
    },
  ],
];

for (const [name, refusal, chain] of refused) {
  test(`refused by name: ${name}`, async () => {
    const [certificates, by] = [await chain(), await trust()];
    assert.throws(
      () => identityOf(certificates, by, NOW_MS),
      (thrown) => thrown instanceof PeerRefused && thrown.refusal === refusal && thrown.code === "IDENTITY_REFUSED",
    );
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { acme, NOW_MS } from "./certificates-for-tests.ts";
import { formatCredentials, parseCredentials, parseRoots } from "./credentials.ts";
import { issueLeaf, publicKeyOf } from "./fleet-ca.ts";
import { newKey } from "./key-pair.ts";
import type { Identity } from "./spiffe-id.ts";

const node: Identity = { kind: "node", fleet: "acme", tenantId: "team-a", hostId: "h-1" };

async function made() {
  const { root, intermediate } = await acme();
  const key = newKey();
  const leaf = await issueLeaf(intermediate, { identity: node, publicKey: publicKeyOf(key), nowUnixMs: NOW_MS });
  return { key, chain: [leaf, intermediate.certificate], trust: { fleet: "acme", roots: [root.certificate] } };
}

test("credentials are one text and come back from it whole", async () => {
  const { key, chain, trust } = await made();
  const read = parseCredentials(formatCredentials({ key, chain }), trust, NOW_MS, "the file");
  assert.deepEqual(read.identity, node);
  assert.ok(read.key.equals(key));
  assert.equal(read.chain.length, 2);
});

test("a key beside another's certificate, half a file and no file are refused, and the key is in no message", async () => {
  const { key, chain, trust } = await made();
  const whole = formatCredentials({ key, chain });
  const secret = whole.split("\n")[1] ?? "";
  const texts = [
    formatCredentials({ key: newKey(), chain }),
    whole.slice(0, 100),
    "",
    whole.replace(/CERTIFICATE/g, "THING"),
    whole.replace(secret, "AAAA"),
  ];
  for (const text of texts) {
    assert.throws(
      () => parseCredentials(text, trust, NOW_MS, "the file"),
      (thrown: Error & { code?: string }) => thrown.code === "IDENTITY_REFUSED" && !thrown.message.includes(secret.slice(0, 20)),
    );
  }
});

test("a bundle of roots holds authorities only, and at least one", async () => {
  const { chain, trust } = await made();
  assert.equal(parseRoots(trust.roots.map(String).join(""), "roots.pem").length, 1);
  for (const text of ["", String(chain[0])]) assert.throws(() => parseRoots(text, "roots.pem"), { code: "IDENTITY_REFUSED" });
});

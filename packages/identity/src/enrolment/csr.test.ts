import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { acme, NOW_MS } from "../certificates-for-tests.ts";
import { issueLeaf, publicKeyOf } from "../fleet-ca.ts";
import { newKey } from "../key-pair.ts";
import { formatAuthority, parseAuthority } from "./authority-file.ts";
import { createCsr, publicKeyOfCsr } from "./csr.ts";
import { keySha256, pinOf } from "./pin.ts";

test("a certificate request proves its key", async () => {
  const key = newKey();
  assert.deepEqual(await publicKeyOfCsr(await createCsr(key)), new Uint8Array(publicKeyOf(key)));
});

test("a request that was altered, signed by another key or is none is refused", async () => {
  const [own, other] = [newKey(), newKey()];
  const der = await createCsr(own);
  // The key of one in the request of another: the public key is 65 bytes that stand in both at the same place.
  const [ownPoint, otherPoint] = [own, other].map((key) => Buffer.from(publicKeyOf(key)).subarray(-65));
  const at = Buffer.from(der).indexOf(ownPoint ?? "");
  assert.notEqual(at, -1);
  const stolen = Buffer.from(der);
  otherPoint?.copy(stolen, at);
  for (const bad of [stolen, der.subarray(0, -4), new Uint8Array(), Buffer.from("hello")])
    await assert.rejects(publicKeyOfCsr(bad), { code: "IDENTITY_REFUSED" });
});

test("a request for a key of another kind is refused", async () => {
  const key = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey;
  await assert.rejects(
    async () => publicKeyOfCsr(await createCsr(key)),
    (thrown: Error) => /P-256|DataError|Named curve|curve/i.test(`${thrown.name} ${thrown.message}`),
  );
});

test("an authority is read back with its key, and not with another's", async () => {
  const { root, intermediate } = await acme();
  const read = parseAuthority(formatAuthority(intermediate), "ca");
  assert.equal(pinOf(read.certificate), pinOf(intermediate.certificate));
  assert.equal(keySha256(publicKeyOf(read.key)), pinOf(intermediate.certificate));
  const mixed = formatAuthority({ key: root.key, certificate: intermediate.certificate });
  assert.throws(() => parseAuthority(mixed, "ca"), { code: "IDENTITY_REFUSED" });
  const key = newKey();
  const identity = { kind: "aggregator", fleet: "acme", id: "a" } as const;
  const leaf = await issueLeaf(intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: NOW_MS });
  assert.throws(() => parseAuthority(formatAuthority({ key, certificate: leaf }), "ca"), /no certificate of an authority/);
});

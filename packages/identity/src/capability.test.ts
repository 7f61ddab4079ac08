import assert from "node:assert/strict";
import { test } from "node:test";
import { SignJWT } from "jose";
import { type Deed, hashOf, readCapability, signDeed } from "./capability.ts";
import { acme, NOW_MS } from "./certificates-for-tests.ts";
import { createFleetCa, issueLeaf, publicKeyOf } from "./fleet-ca.ts";
import { newKey } from "./key-pair.ts";
import type { Identity } from "./spiffe-id.ts";

const ada: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };
const deed: Deed = { method: "Send", target: "team-a/alpha/lead", requestSha256: hashOf(Buffer.from("hello")) };

async function signer(caller: Identity = ada, ca?: Awaited<ReturnType<typeof acme>>) {
  const { intermediate } = ca ?? (await acme());
  const key = newKey();
  const leaf = await issueLeaf(intermediate, { identity: caller, publicKey: publicKeyOf(key), nowUnixMs: NOW_MS });
  return { key, caller, nowUnixMs: NOW_MS, id: "c-1", chain: [leaf, intermediate.certificate] };
}

async function read(token: string, asked = deed, nowUnixMs = NOW_MS, maxTtlMs?: number) {
  const trust = { fleet: "acme", roots: [(await acme()).root.certificate] };
  return await readCapability(token, asked, trust, { nowUnixMs, ...(maxTtlMs ? { maxTtlMs } : {}) });
}

const because = (code: string, why: RegExp) => (thrown: unknown) =>
  (thrown as { code?: string }).code === code && why.test((thrown as Error).message);

test("a signed deed names its caller, for exactly that deed", async () => {
  const token = await signDeed(deed, await signer());
  const { chain, ...told } = await read(token);
  const times = { issuedAtUnixMs: NOW_MS, expiresAtUnixMs: NOW_MS + 60_000 };
  assert.deepEqual(told, { ...deed, caller: ada, id: "c-1", ...times });
  assert.match(chain[0]?.subjectAltName ?? "", /user\/ada$/);
});

test("a capability is none for another method, target or request", async () => {
  const token = await signDeed(deed, await signer());
  for (const other of [{ method: "Reset" }, { target: "team-a/alpha/other" }, { requestSha256: hashOf(Buffer.from("bye")) }])
    await assert.rejects(read(token, { ...deed, ...other }), because("NOT_ALLOWED", /for another (method|target|request)/));
});

test("a capability ends after a minute, and one that claims to hold longer is refused at once", async () => {
  const token = await signDeed(deed, await signer());
  await read(token, deed, NOW_MS + 59_000);
  await assert.rejects(read(token, deed, NOW_MS + 91_000), because("NOT_ALLOWED", /over/));
  const long = await signDeed(deed, { ...(await signer()), ttlMs: 3_600_000 });
  await assert.rejects(read(long), because("NOT_ALLOWED", /longer than it may/));
  assert.equal((await read(long, deed, NOW_MS, 3_600_000)).id, "c-1");
});

test("one from the future is refused", async () => {
  const token = await signDeed(deed, { ...(await signer()), nowUnixMs: NOW_MS + 120_000 });
  await assert.rejects(read(token), because("NOT_ALLOWED", /future/));
});

test("a signature of another key, of another authority, or of none is refused", async () => {
  const [good, other] = [await signer(), await signer()];
  await assert.rejects(read(await signDeed(deed, { ...good, key: other.key })), because("NOT_ALLOWED", /signature/));
  const foreign = await signDeed(deed, await signer(ada, await createFleetCa("acme", NOW_MS)));
  await assert.rejects(read(foreign), because("IDENTITY_REFUSED", /no authority/));
  await assert.rejects(read(await signDeed(deed, { ...good, chain: [] })), because("IDENTITY_REFUSED", /no certificate/));
  for (const junk of ["", "a.b.c", "x".repeat(20_000), "eyJhbGciOiJub25lIn0.e30."])
    await assert.rejects(read(junk), { name: "MosaicError" }, junk.slice(0, 20));
});

test("a caller can't sign in another's name", async () => {
  const eve = await signer({ kind: "user", fleet: "acme", tenantId: "team-a", name: "eve" });
  await assert.rejects(read(await signDeed(deed, { ...eve, caller: ada })), because("NOT_ALLOWED", /signature/));
});

test("a changed payload under a good signature is refused", async () => {
  const token = await signDeed(deed, await signer());
  const [head = "", , signature = ""] = token.split(".");
  const forged = Buffer.from(JSON.stringify({ ...deed, aud: "mosaic-node" })).toString("base64url");
  await assert.rejects(read(`${head}.${forged}.${signature}`), because("NOT_ALLOWED", /signature/));
});

test("a token of another kind, signed by the same key, is no capability", async () => {
  const { key, chain } = await signer();
  const token = await new SignJWT({ method: "Send", target: deed.target, request_sha256: deed.requestSha256 })
    .setProtectedHeader({ alg: "ES256", typ: "JWT", x5c: chain.map(({ raw }) => raw.toString("base64")) })
    .setSubject("spiffe://acme/tenant/team-a/user/ada")
    .setIssuedAt(NOW_MS / 1000)
    .setExpirationTime(NOW_MS / 1000 + 60)
    .sign(key);
  await assert.rejects(read(token), because("NOT_ALLOWED", /signature/));
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { createFleetCa, formatCredentials, issueLeaf, newKey, publicKeyOf } from "@mosaic/identity";
import { readOwnIdentity } from "./own-identity.ts";

const HOUR_MS = 3_600_000;
const ADA = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" } as const;

/** A home where ada is logged in, with a certificate of 24 hours that was made so long ago. */
async function homeOfAda(context: TestContext, agoMs: number, folder = "identity/user") {
  const home = mkdtempSync(join(tmpdir(), "mosaic-own-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  const own = join(home, "fleet", folder);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const nowMs = Date.now();
  const ca = await createFleetCa("acme", nowMs - 60 * 24 * HOUR_MS);
  const key = newKey();
  const write = async (madeAtMs: number) => {
    const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity: ADA, nowUnixMs: madeAtMs });
    writeFileSync(join(own, "credentials.pem"), formatCredentials({ key, chain: [leaf, ca.intermediate.certificate] }), {
      mode: 0o600,
    });
    return leaf.serialNumber;
  };
  writeFileSync(join(own, "roots.pem"), String(ca.root.certificate), { mode: 0o644 });
  const serial = await write(nowMs - agoMs);
  return { home, serial, renew: () => write(nowMs) };
}

const isRefused = (message: RegExp, hint: RegExp) => (thrown: unknown) =>
  thrown instanceof MosaicError &&
  thrown.code === "IDENTITY_REFUSED" &&
  message.test(thrown.message) &&
  hint.test(thrown.hint ?? "");
const notAsked = () => assert.fail("it is not due");
const away = async () => {
  throw new MosaicError("NOT_SERVED", "nobody listens at agg:8444");
};

test("a certificate in the first half of its life is used as it is", async (context) => {
  const { home, serial } = await homeOfAda(context, 10 * HOUR_MS);
  const { credentials } = await readOwnIdentity(home, notAsked);
  assert.equal(credentials.chain[0]?.serialNumber, serial);
});

test("one in the second half is renewed on the way, and used as it is when that fails", async (context) => {
  const { home, serial, renew } = await homeOfAda(context, 20 * HOUR_MS);
  const kept = await readOwnIdentity(home, away);
  assert.equal(kept.credentials.chain[0]?.serialNumber, serial);
  let renewed = "";
  const { credentials } = await readOwnIdentity(home, async () => {
    renewed = await renew();
  });
  assert.deepEqual([credentials.chain[0]?.serialNumber === renewed, renewed === serial], [true, false]);
});

test("one that is over is renewed late; else it is said when it ended, why it was not renewed, and what to type", async (context) => {
  const { home, renew } = await homeOfAda(context, 20 * 24 * HOUR_MS);
  await assert.rejects(
    readOwnIdentity(home, away),
    isRefused(/^the certificate ended .* GMT, and it can't be renewed: nobody listens at agg:8444$/, /^renew it: mosaic login$/),
  );
  const { credentials } = await readOwnIdentity(home, async () => void (await renew()));
  assert.deepEqual(credentials.identity, ADA);
});

test("one that was over too long ago is not even asked for: somebody has to let them in again", async (context) => {
  const { home } = await homeOfAda(context, 40 * 24 * HOUR_MS);
  await assert.rejects(readOwnIdentity(home, notAsked), isRefused(/more than 30 days ago$/, /mosaic user add/));
});

test("a host's certificate is its node's to renew", async (context) => {
  const { home } = await homeOfAda(context, 40 * HOUR_MS, "identity");
  await assert.rejects(readOwnIdentity(home, notAsked), isRefused(/^the certificate ended .* GMT$/, /its node renews it/));
});

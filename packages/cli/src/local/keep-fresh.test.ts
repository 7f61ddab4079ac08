import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { createFleetCa, type Identity, issueLeaf, newKey, publicKeyOf } from "@mosaic/identity";
import { fixedIdentity } from "@mosaic/identity/light";
import { FakeClock, settle } from "@mosaic/testkit";
import { keptFresh } from "./keep-fresh.ts";

const HOUR_MS = 3_600_000;
const ADA: Identity = { kind: "user", fleet: "acme", tenantId: "team-a", name: "ada" };

test("a certificate is renewed while something is followed, also after a first failure, and never after that ended", async () => {
  const clock = new FakeClock();
  const ca = await createFleetCa("acme", clock.nowUnixMs() - HOUR_MS);
  const trust = { fleet: "acme", roots: [ca.root.certificate] };
  const certified = async (nowUnixMs: number) => {
    const key = newKey();
    const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity: ADA, nowUnixMs });
    const credentials = { identity: ADA, key, chain: [leaf, ca.intermediate.certificate] };
    return { ...fixedIdentity(trust, credentials), trust, credentials };
  };
  let asked = 0;
  const first = await certified(clock.nowUnixMs());
  const next = await certified(clock.nowUnixMs() + 12 * HOUR_MS);
  const fresh = keptFresh("/nowhere", first, {
    clock,
    read: async () => {
      asked += 1;
      if (asked === 1) throw new MosaicError("NOT_SERVED", "nobody listens");
      return next;
    },
  });
  const told: unknown[] = [];
  fresh.identity.onChange(() => told.push(fresh.identity.credentials));
  const hours = async (count: number) => {
    for (let minute = 0; minute < 60 * count; minute += 1) await clock.advance(60_000);
    await settle();
  };
  await hours(11);
  assert.deepEqual([asked, fresh.identity.credentials], [0, first.credentials]);
  await hours(2);
  assert.ok(asked >= 2, "the first time nobody listened");
  assert.equal(fresh.identity.credentials, next.credentials);
  assert.equal(told.length, 1);
  await fresh[Symbol.asyncDispose]();
  const before = asked;
  await hours(30);
  assert.equal(asked, before);
});

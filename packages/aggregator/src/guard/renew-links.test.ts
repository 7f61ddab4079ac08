import assert from "node:assert/strict";
import { test } from "node:test";
import { createFleetCa, fixedIdentity, issueLeaf, newKey, publicKeyOf } from "@mosaic/identity";
import { FakeClock } from "@mosaic/testkit";
import { renewLinks } from "./renew-links.ts";

test("members are followed over new connections when the certificate was replaced: not for new roots, and not those that dial in", async () => {
  const clock = new FakeClock();
  const ca = await createFleetCa("acme", clock.nowUnixMs());
  const own = async () => {
    const [key, identity] = [newKey(), { kind: "aggregator", fleet: "acme", id: "a-1" } as const];
    const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: clock.nowUnixMs() });
    return { identity, key, chain: [leaf, ca.intermediate.certificate] };
  };
  const first = await own();
  const identity = fixedIdentity({ fleet: "acme", roots: [ca.root.certificate] }, first);
  const renewed: string[] = [];
  const link = (name: string, kind: "tls" | "dial-in") => ({ endpoint: { kind }, renew: () => void renewed.push(name) });
  const links = [link("alpha", "tls"), link("beta", "dial-in"), link("gamma", "tls")];
  await using _ = renewLinks(identity, () => links, clock);
  identity.replace({ fleet: "acme", roots: [] }, { ...first });
  await clock.advance(10_000);
  assert.deepEqual(renewed, []);
  identity.replace(identity.trust, await own());
  await clock.advance(1000);
  assert.deepEqual(renewed, ["alpha"], "one after the other");
  await clock.advance(1000);
  assert.deepEqual(renewed, ["alpha", "gamma"]);
});

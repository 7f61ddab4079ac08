import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { toAdvertisedService } from "./announcement.ts";
import { FoundDaemons } from "./found-daemons.ts";
import type { AdvertisedService, DiscoveryProvider } from "./provider.ts";

const alpha = toAdvertisedService({
  ...{ role: "node", host: "alpha", id: "id of alpha", protocolVersion: 1, port: 8787, isLoopbackOnly: false },
});
const beta = toAdvertisedService({
  ...{ role: "aggregator", host: "beta", id: "id of beta", protocolVersion: 1, port: 8788, isLoopbackOnly: true },
});

/** What every way to do multicast DNS must hold.
 *  @param open opens one more on the same links; the case disposes it */
export function providerCases(open: () => Promise<DiscoveryProvider>): void {
  const advertise = (provider: DiscoveryProvider, service: AdvertisedService) =>
    provider.advertise(service, ({ reason }) => assert.fail(reason));

  test("what is announced is found, with all that it says of itself", async () => {
    await using here = await open();
    await using there = await open();
    await using _one = await advertise(here, alpha);
    await using _two = await advertise(here, beta);
    const found = new FoundDaemons();
    await using _browsing = await there.browse(found);
    const daemons = await eventually("both are found", () => {
      const list = found.list();
      const names = list.map(({ instance }) => instance);
      return isBoth(names) && list.every(({ addresses }) => addresses.length > 0) && list;
    });
    const facts = daemons.map(({ instance, port, role, protocolVersion, idHash, isLoopbackOnly }) => {
      return [instance, port, role, protocolVersion, idHash, isLoopbackOnly];
    });
    assert.deepEqual(facts, [
      [alpha.instance, 8787, "node", 1, "6fd41bb825e79538", false],
      [beta.instance, 8788, "aggregator", 1, idOf(beta), true],
    ]);
    assert.deepEqual(found.problems, []);
  });

  test("who looks already hears who comes, and who goes", async () => {
    await using here = await open();
    await using there = await open();
    const found = new FoundDaemons();
    await using _browsing = await there.browse(found);
    const one = await advertise(here, alpha);
    await using _two = await advertise(here, beta);
    await eventually("both are found", () => isBoth(found.list().map(({ instance }) => instance)));
    await one[Symbol.asyncDispose]();
    await eventually("one is gone", () => found.list().length === 1);
    assert.equal(found.list()[0]?.instance, beta.instance);
  });

  test("a provider that ends takes back what it announced, and tells nothing any more", async () => {
    const here = await open();
    await using there = await open();
    const told: string[] = [];
    const own = { onFound: () => told.push("found"), onGone: () => told.push("gone"), onProblem: () => told.push("problem") };
    await here.browse(own);
    await advertise(here, alpha);
    const found = new FoundDaemons();
    await using _browsing = await there.browse(found);
    await eventually("it is found", () => found.list().length === 1 && told.length > 0);
    await here[Symbol.asyncDispose]();
    const count = told.length;
    await eventually("it is gone", () => found.list().length === 0);
    await here[Symbol.asyncDispose]();
    assert.equal(told.length, count);
  });

  test("a name may be 63 bytes of anything", async () => {
    await using here = await open();
    await using there = await open();
    const instance = `Ünser Host (2) ${"x".repeat(47)}`;
    assert.equal(Buffer.byteLength(instance), 63);
    await using _one = await advertise(here, { ...alpha, instance });
    const found = new FoundDaemons();
    await using _browsing = await there.browse(found);
    const [daemon] = await eventually("it is found", () => found.list().length > 0 && found.list());
    assert.equal(daemon?.instance, instance);
  });
}

/** What another case announced may still be heard for a moment. */
function isBoth(instances: readonly string[]): boolean {
  return instances.length === 2 && [alpha, beta].every(({ instance }) => instances.includes(instance));
}

function idOf({ txt }: AdvertisedService): string | undefined {
  return txt.find((entry) => entry.startsWith("id="))?.slice(3);
}

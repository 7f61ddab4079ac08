import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "@mosaic/core";
import { eventually, realClock } from "@mosaic/testkit";
import type { AdvertisedService, DiscoveryProvider, LinkProblem } from "./provider.ts";
import { startAdvertising } from "./start-advertising.ts";

const announcement = { role: "node", host: "alpha", id: "i", protocolVersion: 1, port: 8787, isLoopbackOnly: true } as const;

/** A provider that only remembers. */
function fakeProvider() {
  const ended = Promise.withResolvers<string>();
  const announced = new Set<AdvertisedService>();
  let tell = (_problem: LinkProblem) => {};
  const provider: DiscoveryProvider = {
    name: "in-process",
    ended: ended.promise,
    browse: () => assert.fail("nobody looks here"),
    async advertise(service, onProblem) {
      announced.add(service);
      tell = onProblem;
      return { [Symbol.asyncDispose]: async () => void announced.delete(service) };
    },
    async [Symbol.asyncDispose]() {},
  };
  return { provider, announced, end: (why: string) => ended.resolve(why), tell: (problem: LinkProblem) => tell(problem) };
}

// Pauses pass at once, so that retries do not make this slow.
const clock = { ...realClock, sleep: async (ms: number, signal: AbortSignal) => realClock.sleep(ms >= 2000 ? ms : 1, signal) };

test("a daemon is announced until it stops", async () => {
  const fake = fakeProvider();
  const advertising = startAdvertising({ clock, log: silentLog, openProvider: async () => fake.provider }, announcement);
  await eventually("it is announced", () => fake.announced.size === 1);
  assert.equal(advertising.problem, undefined);
  await advertising[Symbol.asyncDispose]();
  assert.equal(fake.announced.size, 0);
});

test("what does not work is said and tried again, and never thrown", async () => {
  const fake = fakeProvider();
  const told: (string | undefined)[] = [];
  let attempts = 0;
  const openProvider = async () => {
    if (++attempts < 2) throw new Error("no network");
    return fake.provider;
  };
  const onProblem = () => told.push(advertising.problem);
  await using advertising = startAdvertising({ clock, log: silentLog, openProvider, onProblem }, announcement);
  await eventually("it is announced", () => fake.announced.size === 1 && told.length === 2);
  assert.deepEqual(told, ["no network", undefined]);
});

test("when the provider ends, the daemon is announced by another one", async () => {
  const fakes = [fakeProvider(), fakeProvider()];
  let opened = 0;
  const openProvider = async () => fakes[opened++]?.provider ?? assert.fail("one too many");
  await using _advertising = startAdvertising({ clock, log: silentLog, openProvider }, announcement);
  await eventually("the first announces", () => fakes[0]?.announced.size === 1);
  fakes[0]?.end("avahi-daemon ended");
  await eventually("the second announces", () => fakes[1]?.announced.size === 1);
  assert.equal(fakes[0]?.announced.size, 0);
});

test("one link without multicast is no problem of the host, a name that is taken is", async () => {
  const fake = fakeProvider();
  await using advertising = startAdvertising({ clock, log: silentLog, openProvider: async () => fake.provider }, announcement);
  await eventually("it is announced", () => fake.announced.size === 1);
  fake.tell({ link: { interfaceName: "eth0", family: "ipv6" }, reason: "ipv6 on eth0: ENODEV" });
  assert.equal(advertising.problem, undefined);
  fake.tell({ link: undefined, reason: "another service has the same name" });
  assert.equal(advertising.problem, "another service has the same name");
});

test("a provider that never answers does not keep a daemon from ending", async () => {
  const openProvider = () => new Promise<DiscoveryProvider>(() => {});
  const hasty = { ...realClock, sleep: (_ms: number, signal: AbortSignal) => realClock.sleep(1, signal) };
  const advertising = startAdvertising({ clock: hasty, log: silentLog, openProvider }, announcement);
  await advertising[Symbol.asyncDispose]();
});

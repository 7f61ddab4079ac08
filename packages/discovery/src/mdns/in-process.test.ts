import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { describe, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { eventually, realClock, seededRandom } from "@mosaic/testkit";
import { FoundDaemons } from "../found-daemons.ts";
import { providerCases } from "../provider-cases-for-tests.ts";
import { inProcessProvider } from "./in-process.ts";
import type { Link } from "./links.ts";

/** Multicast over loopback, away from the port of real responders. */
const PORT = 20_000 + (process.pid % 20_000);
const loopback: Link = {
  ...{ interfaceName: "lo", family: "ipv4", address: "127.0.0.1" },
  ...{ networks: ["127.0.0.1/8"], addresses: ["127.0.0.1"] },
};
const open = (links: readonly Link[] = [loopback]) =>
  inProcessProvider({ clock: realClock, random: Math.random, port: PORT, listLinks: () => links });

describe("multicast DNS in process", () => {
  providerCases(async () => open());

  test("without a link it says that multicast is not available", async () => {
    await using provider = open([]);
    const refused = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "MACHINE";
    await assert.rejects(provider.browse(new FoundDaemons()), refused);
    await assert.rejects(
      provider.advertise({ instance: "a", port: 1, txt: [] }, () => {}),
      refused,
    );
  });

  test("a link that does no multicast is named, and the others are used", async () => {
    const gone: Link = { ...loopback, interfaceName: "gone0", address: "203.0.113.7", networks: ["203.0.113.7/24"] };
    await using here = open();
    await using _advertised = await here.advertise({ instance: "a", port: 1, txt: [] }, () => {});
    await using there = open([gone, loopback]);
    const found = new FoundDaemons();
    await using _browsing = await there.browse(found);
    await eventually("the service is found", () => found.list().length === 1);
    const [problem] = await eventually("the link is named", () => found.problems.length > 0 && found.problems);
    assert.deepEqual(problem?.link, { interfaceName: "gone0", family: "ipv4" });
    assert.match(problem.reason, /^ipv4 on gone0: ENODEV: /);
  });

  test("garbage on the port ends nothing", async () => {
    await using here = open();
    await using there = open();
    const found = new FoundDaemons();
    await using _browsing = await there.browse(found);
    await using _advertised = await here.advertise({ instance: "a", port: 1, txt: ["role=node"] }, () => {});
    const random = seededRandom(4711);
    const socket = createSocket("udp4");
    const heard = Promise.withResolvers<Buffer>();
    const spy = createSocket({ type: "udp4", reuseAddr: true }).on("message", (packet) => heard.resolve(packet));
    await new Promise<void>((resolve) => spy.bind(PORT, "0.0.0.0", resolve));
    spy.addMembership("224.0.0.251", "127.0.0.1");
    const real = await heard.promise;
    spy.close();
    for (let count = 0; count < 3000; count++) {
      const packet = Buffer.from(real);
      const changes = 1 + Math.floor(random() * 8);
      for (let change = 0; change < changes; change++) packet[Math.floor(random() * packet.length)] = Math.floor(random() * 256);
      const cut = packet.subarray(0, random() < 0.3 ? Math.floor(random() * packet.length) : packet.length);
      await new Promise<void>((resolve) => socket.send(cut, PORT, "224.0.0.251", () => resolve()));
    }
    socket.close();
    await using late = open();
    await using _late = await late.advertise({ instance: "late", port: 2, txt: ["role=node"] }, () => {});
    await eventually("who comes later is found", () => found.list().some(({ instance }) => instance === "late"));
    for (const { instance } of found.list()) assert.doesNotMatch(instance, /\p{Cc}/u);
  });
});

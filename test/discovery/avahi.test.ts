/** Our multicast DNS and that of the distribution's avahi, in two network namespaces joined by a cable. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connectSystemBus } from "@mosaic/host";
import { eventually, realClock } from "@mosaic/testkit";
import { avahiProvider } from "../../packages/discovery/src/avahi/avahi.ts";
import { providerCases } from "../../packages/discovery/src/provider-cases-for-tests.ts";
import type { RunningProgram } from "../mesh/run-program.ts";
import { discoveryObstacle } from "./discovery-obstacle.ts";
import { joinHosts, type LinkHost, linkHost } from "./link-host.ts";

/** No bus there: multicast DNS in process, beside the avahi-daemon that runs. */
const IN_PROCESS = { DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/run/no-such-bus" };
const LISTEN = ["--listen", "127.0.0.1:8787", "--advertise", "--no-systemd"];

interface Item {
  readonly instance: string;
  readonly role: string;
  readonly port: number;
  readonly id_hash: string;
  readonly addresses: readonly string[];
  readonly links: readonly { readonly interface: string; readonly family: string }[];
  readonly loopback_only: boolean;
  readonly enrolled: boolean | null;
}

describe("two hosts with avahi-daemon on one cable", { skip: discoveryObstacle() ?? false }, () => {
  const stack = new AsyncDisposableStack();
  let alpha: LinkHost;
  let beta: LinkHost;
  let avahi: RunningProgram;
  before(async () => {
    alpha = stack.use(await linkHost("alpha"));
    beta = stack.use(await linkHost("beta"));
    await joinHosts(alpha, beta, "eth0", 71);
    [avahi] = await Promise.all([alpha.startAvahi(), beta.startAvahi()]);
  });
  after(() => stack.disposeAsync());

  for (const [way, env] of [
    ["through avahi-daemon", {}],
    ["in process, beside avahi-daemon", IN_PROCESS],
  ] as const) {
    describe(way, () => {
      test("avahi-browse on both hosts sees our node over IPv4 and IPv6, and its goodbye", async () => {
        await using node = await alpha.startDaemon("node", LISTEN, env);
        for (const host of [beta, alpha]) {
          const lines = await eventually("avahi-browse sees it over both", async () => {
            const found = (await browse(host)).filter((line) => line.startsWith("=;eth0;"));
            return new Set(found.map((line) => line.split(";")[2])).size === 2 && found;
          });
          for (const line of lines) {
            assert.match(line, /^=;eth0;IPv[46];alpha-[0-9a-f]{8};_mosaic-node\._tcp;local;/);
            assert.match(line, /;8787;/);
            for (const entry of ["txtvers=1", "proto=1", "role=node", "scope=loopback"])
              assert.ok(line.includes(`"${entry}"`), line);
            assert.match(line, /"id=[0-9a-f]{16}"/);
            assert.doesNotMatch(line, /team-a/);
          }
        }
        node.kill("SIGTERM");
        assert.equal((await node.ended).exitCode, 0);
        for (const host of [alpha, beta]) await eventually("its goodbye is heard", async () => (await browse(host)).length === 0);
      });

      test("what avahi-publish announces is discovered across the cable, over IPv4 and IPv6", async () => {
        const txt = ["txtvers=1", "proto=1", "role=aggregator", "id=0123456789abcdef"];
        await using published = alpha.start(["avahi-publish", "-s", "ours ünd mine", "_mosaic-node._tcp", "9001", ...txt]);
        const item = await eventually("it is discovered", async () => {
          const { items } = await discover(beta, env);
          return items.find((each) => each.links.length === 2 && each.addresses.length >= 2);
        });
        assert.deepEqual([item.instance, item.role, item.port], ["ours ünd mine", "aggregator", 9001]);
        assert.deepEqual([item.id_hash, item.enrolled, item.loopback_only], ["0123456789abcdef", null, false]);
        assert.deepEqual(
          item.links,
          ["ipv4", "ipv6"].map((family) => ({ interface: "eth0", family })),
        );
        assert.ok(item.addresses.includes("10.71.0.1"), item.addresses.join());
        assert.ok(
          item.addresses.some((address) => address.includes(":")),
          item.addresses.join(),
        );
        published.kill("SIGTERM");
        await published.ended;
        // What comes next on this cable would find it still.
        for (const host of [alpha, beta]) await eventually("its goodbye is heard", async () => (await browse(host)).length === 0);
      });
    });
  }

  describe("avahi-daemon as a provider", () => {
    providerCases(async () => {
      const bus = await connectSystemBus(`unix:path=/proc/${alpha.pid}/root/run/dbus/system_bus_socket`);
      return (await avahiProvider(bus, realClock)) ?? assert.fail("avahi-daemon runs, and is not used");
    });
  });

  test("a node goes on being announced when avahi-daemon ends, and when it is back", async () => {
    await using _node = await alpha.startDaemon("node", LISTEN);
    await eventually("it is announced", async () => (await discover(beta)).items.length === 1);
    avahi.kill("SIGTERM");
    await avahi.ended;
    await eventually("it is announced in process", async () => (await discover(beta)).items.length === 1, 30_000);
    assert.equal((await discover(alpha)).by, "in-process");
    await alpha.restartAvahi();
    await eventually("both live side by side", async () => {
      const answer = await discover(alpha);
      return answer.by === "avahi" && answer.items.length === 1;
    });
  });
});

async function browse(host: LinkHost): Promise<string[]> {
  const { stdout } = await host.run(["avahi-browse", "--resolve", "--parsable", "--terminate", "_mosaic-node._tcp"]);
  return stdout.split("\n").filter((line) => line.startsWith("="));
}

async function discover(host: LinkHost, env: Readonly<Record<string, string>> = {}): Promise<{ items: Item[]; by: string }> {
  const { stdout } = await host.mosaic(["gateway", "discover", "--json", "--timeout", "2s"], env);
  return JSON.parse(stdout);
}

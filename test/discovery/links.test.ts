/** What discovery makes of links that come, go, are several, or can't do multicast. No avahi-daemon runs here. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { discoveryObstacle } from "./discovery-obstacle.ts";
import { joinHosts, type LinkHost, linkHost, must } from "./link-host.ts";

const LISTEN = ["--listen", "127.0.0.1:8787", "--advertise", "--no-systemd"];

describe("hosts without avahi-daemon", { skip: discoveryObstacle() ?? false }, () => {
  const stack = new AsyncDisposableStack();
  let alpha: LinkHost;
  let beta: LinkHost;
  before(async () => {
    [alpha, beta] = await Promise.all([linkHost("alpha"), linkHost("beta")]);
    stack.use(alpha);
    stack.use(beta);
  });
  after(() => stack.disposeAsync());

  test("a host with loopback alone is told that multicast is not available, with exit code 1", async () => {
    const { exitCode, stderr } = await alpha.mosaic(["gateway", "discover"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /multicast is not available: this host has no network interface that is up, but loopback\nhint: /);
  });

  test("a node that can't be announced serves, says so, and is announced as soon as there is a link", async () => {
    await using _node = await alpha.startDaemon("node", LISTEN);
    const conditions = await eventually("it says so", async () => {
      const { stdout } = await alpha.mosaic(["host", "list", "--json"]);
      const [host] = JSON.parse(stdout).hosts;
      return host.conditions.length > 0 && host.conditions;
    });
    const told = conditions.find((each: { type: string }) => each.type === "NOT_ADVERTISED");
    assert.match(told.message, /^multicast is not available/);
    await joinHosts(alpha, beta, "eth0", 72);
    const found = await eventually("it is announced", async () => (await discover(beta)).items[0], 60_000);
    assert.match(found.instance, /^alpha-[0-9a-f]{8}$/);
    await eventually("it says so no more", async () => {
      const [host] = JSON.parse((await alpha.mosaic(["host", "list", "--json"])).stdout).hosts;
      return !host.conditions.some((each: { type: string }) => each.type === "NOT_ADVERTISED");
    });
  });

  test("a daemon seen over two cables is one, also over the one that came later", async () => {
    await using _node = await alpha.startDaemon("node", LISTEN);
    await eventually("it is found over the first", async () => (await discover(beta)).items.length === 1);
    await joinHosts(alpha, beta, "eth1", 73);
    const { items, interfaces } = await eventually(
      "it is found over both",
      async () => {
        const answer = await discover(beta);
        return answer.items[0]?.links.length === 4 && answer;
      },
      30_000,
    );
    assert.equal(items.length, 1);
    assert.deepEqual(interfaces, ["eth0", "eth1"]);
    assert.deepEqual(
      items[0]?.addresses.filter((address: string) => !address.includes("%")),
      [...["10.72.0.1", "10.73.0.1", "fd72::1", "fd73::1"]],
    );
  });

  test("expected hosts are told from others, and aggregators are found as such", async () => {
    await using _node = await alpha.startDaemon("node", LISTEN);
    await alpha.write("fleet/hosts.yaml", '- targets: ["127.0.0.1:8787"]\n  labels: { host: alpha, tenant: team-a }\n');
    await using _aggregator = await alpha.startDaemon("aggregator", ["--listen", "127.0.0.1:8788", "--advertise"]);
    await using _other = await beta.startDaemon("node", LISTEN);
    const { items } = await eventually("all are found and alpha is known", async () => {
      const answer = await discover(alpha);
      return answer.items.length === 3 && answer.items.filter((item) => item.enrolled).length === 2 && answer;
    });
    const facts = items.map(({ role, enrolled, host, port }) => ({ role, enrolled, host, port }));
    const claims = { tenant_id: "team-a", host: "alpha" };
    assert.ok(facts.some((each) => each.role === "node" && each.enrolled && each.host?.host === claims.host));
    assert.ok(facts.some((each) => each.role === "aggregator" && each.enrolled && each.port === 8788));
    assert.ok(facts.some((each) => each.role === "node" && each.enrolled === false && each.host === null));
    const { stdout } = await alpha.mosaic(["fleet", "ps", "--all-hosts", "--json"]);
    assert.deepEqual(
      JSON.parse(stdout).hosts.map((host: { host: string }) => host.host),
      ["alpha"],
    );
  });

  test("where a firewall drops multicast, it is said", async () => {
    await must(beta.run(["nft", "add table inet wall; add chain inet wall out { type filter hook output priority 0; }"]));
    await must(beta.run(["nft", "add rule inet wall out udp dport 5353 drop"]));
    const { exitCode, stderr } = await beta.mosaic(["gateway", "discover", "--timeout", "1s"]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /multicast is not available: .*EPERM: sending is forbidden, perhaps by a firewall/);
  });
});

interface Item {
  readonly instance: string;
  readonly role: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly links: readonly object[];
  readonly enrolled: boolean | null;
  readonly host: { readonly tenant_id: string; readonly host: string } | null;
}

async function discover(host: LinkHost): Promise<{ items: Item[]; interfaces: string[] }> {
  const { stdout } = await host.mosaic(["gateway", "discover", "--json", "--timeout", "2s"]);
  return JSON.parse(stdout);
}

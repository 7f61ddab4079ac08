/** Aggregators of aggregators: a chain whose middle dies, loops, and two ways to one host; real processes, real sockets. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";
import { HostHistory } from "./host-history.ts";
import { rawCall } from "./raw-call.ts";
import { tellAll } from "./tell-all.ts";

interface Told {
  readonly host: string;
  readonly state: string;
  readonly detail?: string;
  readonly via?: readonly string[];
  readonly hostId?: string;
  readonly routes?: readonly { readonly member: string; readonly state: string }[];
}

const nodeSocket = (home: DaemonHome) => join(home.mosaicHome, "fleet/run/node.sock");
const aggregatorSocket = (home: DaemonHome) => join(home.mosaicHome, "fleet/run/aggregator.sock");

/** A home with a node of team-a. */
async function nodeHome(stack: AsyncDisposableStack, host: string): Promise<DaemonHome> {
  const home = stack.use(await daemonHome({ name: host }));
  await home.write("fleet/roster.yaml", quietRoster(host, ["lead"]));
  return home;
}

const ofNode = (host: string, home: DaemonHome) =>
  `- targets: ["unix:${nodeSocket(home)}"]\n  labels: { host: ${host}, tenant: team-a }\n`;
const ofAggregator = (name: string, home: DaemonHome) =>
  `- targets: ["unix:${aggregatorSocket(home)}"]\n  labels: { host: ${name}, role: aggregator }\n`;

/** A home of an aggregator over these groups. */
async function aggregatorHome(stack: AsyncDisposableStack, name: string, ...groups: string[]): Promise<DaemonHome> {
  const home = stack.use(await daemonHome({ name }));
  await home.write("fleet/hosts.yaml", groups.join("") || "[]\n");
  return home;
}

async function ask(home: DaemonHome, request: object = {}) {
  const reply = await rawCall({ socketPath: aggregatorSocket(home) }, "List", request);
  assert.equal(reply.status, 200, reply.body);
  const answer = JSON.parse(reply.body) as {
    hosts?: Told[];
    agents?: { host: string }[];
    conditions?: { type: string; message: string }[];
  };
  return { hosts: answer.hosts ?? [], agents: answer.agents ?? [], conditions: answer.conditions ?? [] };
}

const shortState = (state: string) => state.replace("HOST_STATE_", "");
const statesOf = (hosts: readonly Told[]) => Object.fromEntries(hosts.map((host) => [host.host, shortState(host.state)]));
const areAll = (hosts: readonly Told[], state: string, count: number) =>
  hosts.length === count && hosts.every((host) => shortState(host.state) === state);

async function untilAll(home: DaemonHome, state: string, count: number, deadlineMs = 30_000): Promise<void> {
  const name = `${count} hosts are ${state}`;
  let last: readonly Told[] = [];
  await eventually(
    name,
    async () => {
      last = (await ask(home)).hosts;
      return areAll(last, state, count);
    },
    deadlineMs,
  ).catch((thrown: unknown) => {
    throw new Error(`${name}: ${JSON.stringify(statesOf(last))}`, { cause: thrown });
  });
}

test(
  "a chain of three whose middle dies: every host stays there by name, also over a restart of the top",
  { timeout: 180_000 },
  tellAll(async (t) => {
    await using stack = new AsyncDisposableStack();
    const [alpha, beta] = await Promise.all(["alpha", "beta"].map((host) => nodeHome(stack, host)));
    assert.ok(alpha && beta);
    await Promise.all([alpha.serves("node"), beta.serves("node")]);
    const bottom = await aggregatorHome(stack, "bottom", ofNode("alpha", alpha), ofNode("beta", beta));
    const middle = await aggregatorHome(stack, "middle", ofAggregator("bottom", bottom));
    const top = await aggregatorHome(stack, "top", ofAggregator("middle", middle));
    await bottom.serves("aggregator");
    let middleDaemon = await middle.serves("aggregator");
    let topDaemon = await top.serves("aggregator");
    await untilAll(top, "LIVE", 2);
    const before = (await ask(top)).hosts;
    for (const host of before) assert.equal(host.via?.length, 3);
    await using history = new HostHistory({ socketPath: aggregatorSocket(top) }, 100);

    middleDaemon.kill("SIGKILL");
    await middleDaemon.ended;
    const diedMs = performance.now();
    await untilAll(top, "UNREACHABLE", 2);
    t.diagnostic(`both hosts UNREACHABLE ${Math.round(performance.now() - diedMs)} ms after the middle died`);
    const dead = await ask(top);
    assert.deepEqual([dead.agents.length, dead.hosts.map((host) => host.hostId)], [2, before.map((host) => host.hostId)]);
    for (const host of dead.hosts) assert.match(host.detail ?? "", /^middle: /);
    const live = await ask(top, { live: true });
    assert.ok(areAll(live.hosts, "UNREACHABLE", 2), JSON.stringify(statesOf(live.hosts)));

    topDaemon.kill("SIGKILL");
    await topDaemon.ended;
    topDaemon = await top.serves("aggregator");
    await untilAll(top, "UNREACHABLE", 2);
    const remembered = await ask(top);
    assert.deepEqual(
      remembered.hosts.map(({ host, hostId }) => [host, hostId]),
      before.map(({ host, hostId }) => [host, hostId]),
    );
    assert.deepEqual(remembered.agents, [], "names, not rows");

    middleDaemon = await middle.serves("aggregator");
    await untilAll(top, "LIVE", 2);
    assert.equal((await ask(top)).agents.length, 2);
    await history[Symbol.asyncDispose]();
    const short = history.moments.filter(({ states }) => !states.has("alpha") || !states.has("beta") || states.size !== 2);
    assert.deepEqual(
      short.map(({ states }) => [...states]),
      [],
      "no answer without both, none with more",
    );
    const listed = await top.mosaic("host", "list", "--all-hosts", "--wide");
    assert.match(listed.stdout, /VIA/);
    assert.match(listed.stdout, /alpha .* middle/);
  }),
);

test("a fourth aggregator in the chain is too many: the host is INCOMPATIBLE by name, and not asked", {
  timeout: 120_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const alpha = await nodeHome(stack, "alpha");
  await alpha.serves("node");
  const homes: DaemonHome[] = [];
  for (const level of [1, 2, 3, 4]) {
    const below = homes.at(-1);
    homes.push(
      await aggregatorHome(stack, `level${level}`, below ? ofAggregator(`level${level - 1}`, below) : ofNode("alpha", alpha)),
    );
  }
  await Promise.all(homes.map((home) => home.serves("aggregator")));
  const [, , third, fourth] = homes;
  assert.ok(third && fourth);
  await untilAll(third, "LIVE", 1);
  await untilAll(fourth, "INCOMPATIBLE", 1);
  const { hosts, agents } = await ask(fourth);
  assert.match(hosts[0]?.detail ?? "", /4 aggregators are on the way to it, at most 3 may be/);
  assert.deepEqual(agents, []);
});

for (const size of [2, 3]) {
  test(`a loop of ${size} aggregators: each has every host once, by a way without itself, and says so`, {
    timeout: 120_000,
  }, async () => {
    await using stack = new AsyncDisposableStack();
    const names = ["one", "two", "three"].slice(0, size);
    const nodes = await Promise.all(names.map((name) => nodeHome(stack, `host-${name}`)));
    const daemons = await Promise.all(nodes.map((node) => node.serves("node")));
    const homes = await Promise.all(names.map((name) => aggregatorHome(stack, name)));
    // Each has its own node, and the next aggregator as a member.
    for (const [index, home] of homes.entries()) {
      const [node, next] = [nodes[index], homes[(index + 1) % size]];
      assert.ok(node && next);
      const groups = [ofNode(`host-${names[index]}`, node), ofAggregator(names[(index + 1) % size] ?? "", next)];
      await home.write("fleet/hosts.yaml", groups.join(""));
    }
    await Promise.all(homes.map((home) => home.serves("aggregator")));
    for (const home of homes) await untilAll(home, "LIVE", size);
    for (const home of homes) {
      const { hosts, agents, conditions } = await ask(home);
      assert.equal(agents.length, size);
      for (const { via = [] } of hosts) assert.equal(new Set(via).size, via.length, "no aggregator is on a way twice");
      assert.ok(
        conditions.some(({ type }) => type === "AGGREGATOR_LOOP"),
        JSON.stringify(conditions),
      );
    }
    // A host that dies is not kept alive by its own echo.
    daemons[0]?.kill("SIGKILL");
    await daemons[0]?.ended;
    for (const home of homes)
      await eventually(
        "the dead host is UNREACHABLE everywhere",
        async () => statesOf((await ask(home)).hosts)["host-one"] === "UNREACHABLE",
      );
    // And one that leaves membership leaves it everywhere.
    const [first] = homes;
    assert.ok(first && homes[1]);
    await first.write("fleet/hosts.yaml", ofAggregator(names[1] ?? "", homes[1]));
    for (const home of homes)
      await eventually("the host that left is gone everywhere", async () => (await ask(home)).hosts.length === size - 1);
  });
}

test("two ways to one host: when the one in use dies the other takes over within seconds, never missing, never doubled", {
  timeout: 120_000,
}, async (t) => {
  await using stack = new AsyncDisposableStack();
  const alpha = await nodeHome(stack, "alpha");
  await alpha.serves("node");
  const east = await aggregatorHome(stack, "east", ofNode("alpha", alpha));
  const west = await aggregatorHome(stack, "west", ofNode("alpha", alpha));
  const top = await aggregatorHome(stack, "top", ofAggregator("east", east), ofAggregator("west", west));
  const daemons = new Map([
    ["east", await east.serves("aggregator")],
    ["west", await west.serves("aggregator")],
  ]);
  await top.serves("aggregator");
  const routes = async () => {
    const [host] = (await ask(top)).hosts;
    return (host?.routes ?? []).map(({ member, state }) => `${member} ${shortState(state)}`);
  };
  await eventually("both ways live", async () => (await routes()).filter((way) => /LIVE/.test(way)).length === 2, 30_000);
  await using history = new HostHistory({ socketPath: aggregatorSocket(top) }, 50);
  const [used = "", other = ""] = (await routes()).map((way) => way.split(" ")[0] ?? "");
  const killedUnixMs = Date.now();
  daemons.get(used)?.kill("SIGKILL");
  await daemons.get(used)?.ended;
  await eventually("the other way is used", async () => (await routes()).join() === `${other} LIVE,${used} UNREACHABLE`, 20_000);
  const [host] = (await ask(top)).hosts;
  assert.deepEqual([host?.host, shortState(host?.state ?? ""), (await ask(top)).agents.length], ["alpha", "LIVE", 1]);
  t.diagnostic(`taken over ${Date.now() - killedUnixMs} ms after the kill, as seen from outside`);
  // And one that hangs, which is known by its silence only.
  await (used === "east" ? east : west).serves("aggregator");
  await eventually("both ways live again", async () => (await routes()).filter((way) => /LIVE/.test(way)).length === 2, 30_000);
  daemons.get(other)?.kill("SIGSTOP");
  await eventually("the way that answers is used", async () => (await routes())[0] === `${used} LIVE`, 30_000);
  daemons.get(other)?.kill("SIGCONT");
  await history[Symbol.asyncDispose]();
  assert.ok(history.moments.length > 50);
  for (const { states } of history.moments) assert.deepEqual([...states.keys()], ["alpha"]);
});

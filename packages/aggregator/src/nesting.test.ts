import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aHostStatus, anAgent, FakeClock, FakeMember, WatchReader } from "@mosaic/testkit";
import { ConditionSchema, HostState, type ListResponse, Role } from "@mosaic/wire";
import { fleetOf, nodeMember, nodeOf, siteMember, siteOf } from "./fleet-for-tests.ts";
import { memoryKnownHosts } from "./known-hosts.ts";

const hostIn = (answer: ListResponse, name: string) => {
  const found = answer.hosts.filter((host) => host.host === name);
  assert.equal(found.length, 1, `${name} is there ${found.length} times`);
  return found[0] as ListResponse["hosts"][number];
};
const routesIn = (answer: ListResponse, name: string) =>
  hostIn(answer, name).routes.map(({ member, state }) => `${member} ${stateName(state)}`);
const stateName = (state: HostState) => Object.entries(HostState).find(([, value]) => value === state)?.[0];

test("a host behind more than three aggregators is named as INCOMPATIBLE, with the reason and without rows, never dropped", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = new FakeMember({ clock, host: "site", role: Role.AGGREGATOR });
  for (const [host, via] of [
    ["near", ["a", "site"]],
    ["deep", ["a", "b", "site"]],
    ["deeper", ["a", "b", "c", "site"]],
  ] as const) {
    const isRefused = via.length > 3;
    site.setHost(
      aHostStatus({ host, via: [...via], ...(isRefused ? { state: HostState.INCOMPATIBLE, detail: "4 aggregators" } : {}) }),
    );
    site.setRow(anAgent({ host }));
  }
  const { list, client } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  const answer = await list();
  assert.deepEqual(
    answer.hosts.map(({ host, state, agentCount }) => [host, state, agentCount]),
    [
      ["deep", HostState.INCOMPATIBLE, 0],
      ["deeper", HostState.INCOMPATIBLE, 0],
      ["near", HostState.LIVE, 1],
    ],
  );
  assert.match(hostIn(answer, "deep").detail, /4 aggregators are on the way to it, at most 3/);
  assert.equal(hostIn(answer, "deeper").detail, "4 aggregators", "who found it first says why");
  site.setRow(anAgent({ host: "deep", name: "later" }));
  await clock.advance(100);
  assert.deepEqual(
    (await list()).agents.map((agent) => agent.host),
    ["near"],
  );
  assert.deepEqual(
    (await client.list({ live: true })).agents.map((agent) => agent.host),
    ["near"],
  );
});

test("after a restart a dead aggregator is one row for each host that was behind it before", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const knownHosts = memoryKnownHosts();
  const site = siteOf(clock, "site", ["beta", "gamma"]);
  const before = new AsyncDisposableStack();
  const first = await fleetOf(before, { site }, [siteMember("site")], clock, { knownHosts });
  await clock.advance(100);
  site.setHost(aHostStatus({ host: "delta", via: ["site"] }));
  site.removeHost(aHostStatus({ host: "beta" }));
  await clock.advance(100);
  assert.deepEqual(
    (await first.list()).hosts.map((host) => host.host),
    ["delta", "gamma"],
  );
  await before.disposeAsync();

  site.die();
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock, { knownHosts });
  assert.deepEqual(
    (await list()).hosts.map(({ host, state }) => [host, state]),
    [
      ["delta", HostState.WARMING],
      ["gamma", HostState.WARMING],
    ],
  );
  await clock.advance(100);
  for (const host of (await list()).hosts) {
    assert.deepEqual([host.state, host.hostId, host.agentCount], [HostState.UNREACHABLE, `id-of-team-a-${host.host}`, 0]);
    assert.match(host.detail, /^site: .*connection refused/);
    assert.deepEqual(host.via, ["site", "own-id"], "as it was told, so that those on the way know it for their own word");
  }
  site.revive(true);
  await clock.advance(5000);
  const back = await list();
  assert.deepEqual(
    [back.hosts.map(({ host, state }) => [host, state]), back.agents.length],
    [
      [
        ["delta", HostState.LIVE],
        ["gamma", HostState.LIVE],
      ],
      1,
    ],
  );
});

test("a further aggregator that left membership is forgotten with its hosts", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const knownHosts = memoryKnownHosts();
  const { list, edit } = await fleetOf(stack, { site: siteOf(clock, "site", ["beta"]) }, [siteMember("site")], clock, {
    knownHosts,
  });
  await clock.advance(100);
  edit([]);
  await clock.advance(100);
  assert.deepEqual([(await list()).hosts, knownHosts.of("site")], [[], []]);
});

test("both ways to a host are told, the one in use first, and a live way takes over from one that lives but lost the host", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const east = siteOf(clock, "east", ["alpha"]);
  const west = siteOf(clock, "west", ["alpha"]);
  const { list, client } = await fleetOf(stack, { east, west }, [siteMember("east"), siteMember("west")], clock);
  await clock.advance(100);
  assert.deepEqual(routesIn(await list(), "alpha"), ["east LIVE", "west LIVE"]);
  await using reader = new WatchReader(client, {}, {});
  await reader.snapshot();
  east.setHost(aHostStatus({ host: "alpha", via: ["east"], state: HostState.UNREACHABLE, detail: "no route" }));
  const { frame } = await reader.until((one) => one.frame.case === "host");
  assert.ok(frame.case === "host");
  assert.deepEqual([frame.value.state, frame.value.via], [HostState.LIVE, ["west", "own-id"]]);
  assert.deepEqual(routesIn(await list(), "alpha"), ["west LIVE", "east UNREACHABLE"]);
  assert.equal((await list()).agents.length, 1);
  east.setHost(aHostStatus({ host: "alpha", via: ["east"] }));
  await clock.advance(100);
  assert.deepEqual(routesIn(await list(), "alpha"), ["west LIVE", "east LIVE"], "no way back without need");
});

test("the fresher of two ways that say LIVE takes over when it is fresher by two bookmarks", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const east = siteOf(clock, "east", ["alpha"]);
  const west = siteOf(clock, "west", ["alpha"]);
  const { list } = await fleetOf(stack, { east, west }, [siteMember("east"), siteMember("west")], clock);
  await clock.advance(100);
  assert.deepEqual(routesIn(await list(), "alpha"), ["east LIVE", "west LIVE"]);
  east.setHost(aHostStatus({ host: "alpha", via: ["east"], ageMs: 3000n }));
  await clock.advance(100);
  // Nothing more is heard from it, which is no news until it is silent.
  east.isMute = true;
  let ageMs = 0;
  while (routesIn(await list(), "alpha").join() === "east LIVE,west LIVE") {
    await clock.advance(250);
    ageMs = Math.max(ageMs, Number(hostIn(await list(), "alpha").ageMs));
  }
  assert.deepEqual(routesIn(await list(), "alpha"), ["west LIVE", "east LIVE"]);
  assert.ok(ageMs > 6000, `${ageMs} ms`);
});

test("ages are summed hop by hop: what a further aggregator says, and the time since", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = new FakeMember({ clock, host: "site", role: Role.AGGREGATOR });
  site.setHost(aHostStatus({ host: "alpha", via: ["site"], ageMs: 2500n }));
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  site.isMute = true;
  const before = Number(hostIn(await list(), "alpha").ageMs);
  assert.ok(before >= 2500 && before <= 2600, `${before} ms`);
  await clock.advance(4000);
  clock.jumpWall(-3_600_000);
  const after = Number(hostIn(await list(), "alpha").ageMs);
  assert.equal(after - before, 4000, "whatever the wall clocks do");
});

test("a further aggregator that has not heard its hosts yet is not taken for one whose hosts are all there", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = new FakeMember({ clock, host: "site", role: Role.AGGREGATOR });
  site.setHost(aHostStatus({ host: "beta", hostId: "", via: ["site"], state: HostState.WARMING, asOfUnixMs: 0n }));
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  const answer = await list();
  assert.deepEqual(
    answer.hosts.map(({ host, state }) => [host, state]),
    [["beta", HostState.WARMING]],
  );
  assert.deepEqual(
    answer.conditions.map((one) => one.message),
    ["this aggregator has just started: 1 of 1 hosts have not answered it yet"],
  );
  await clock.advance(10_000);
  assert.deepEqual((await list()).conditions, [], "the start is over; its state says the rest");
});

test("an aggregator tells that it has just started until each host answered, and no longer", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const beta = nodeOf(clock, "beta");
  beta.die();
  const { list } = await fleetOf(
    stack,
    { alpha: nodeOf(clock, "alpha"), beta },
    [nodeMember("alpha"), nodeMember("beta")],
    clock,
  );
  const told = async () => (await list()).conditions.map((one) => one.message);
  assert.match((await told())[0] ?? "", /2 of 2 hosts have not answered/);
  await clock.advance(100);
  assert.match((await told())[0] ?? "", /1 of 2 hosts have not answered/);
  beta.revive(true);
  await clock.advance(4000);
  assert.deepEqual(await told(), []);
});

test("conditions of a further aggregator are passed up with its name, while it is there", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = siteOf(clock, "site", ["beta"]);
  site.conditions = [create(ConditionSchema, { type: "MEMBERSHIP_INVALID", message: "hosts.yaml is no YAML" })];
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  assert.deepEqual(
    (await list()).conditions.map(({ type, message }) => `${type} ${message}`),
    ["MEMBERSHIP_INVALID site: hosts.yaml is no YAML"],
  );
  site.die();
  await clock.advance(100);
  assert.deepEqual((await list()).conditions, []);
});

test("a loop is told by a condition that names the member", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = siteOf(clock, "site", ["beta"]);
  site.setHost(aHostStatus({ host: "echo", via: ["own-id", "site"] }));
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  const answer = await list();
  assert.deepEqual(
    answer.hosts.map((host) => host.host),
    ["beta"],
  );
  assert.match(answer.conditions.map((one) => `${one.type} ${one.message}`).join(), /^AGGREGATOR_LOOP aggregator site tells us/);
});

test("a change of one host behind an aggregator of a thousand settles that one", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const names = Array.from({ length: 1000 }, (_, index) => `h${index}`);
  const site = siteOf(clock, "site", names);
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  const startedMs = performance.now();
  for (const host of names) site.setHost(aHostStatus({ host, via: ["site"], state: HostState.STALE, detail: "late" }));
  await clock.advance(1000);
  const states = new Set((await list()).hosts.map((host) => host.state));
  assert.deepEqual(states, new Set([HostState.STALE]));
  // One after the other through all thousand it took a minute.
  assert.ok(performance.now() - startedMs < 15_000, `${performance.now() - startedMs} ms`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Member } from "@mosaic/core/membership";
import { aHostStatus, FakeClock, type FakeMember, pick, seededRandom, WatchReader } from "@mosaic/testkit";
import { HostState, type ListResponse } from "@mosaic/wire";
import { fleetOf, nodeMember, nodeOf, siteMember, siteOf } from "./fleet-for-tests.ts";

const names = ({ hosts }: ListResponse) => hosts.map((host) => `${host.tenantId}/${host.host}`);
const states = ({ hosts }: ListResponse) => Object.fromEntries(hosts.map((host) => [host.host, host.state]));

test("a member is there from the moment membership names it: WARMING, then LIVE; or NEVER_SEEN, with the reason", async () => {
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
  assert.deepEqual(states(await list()), { alpha: HostState.WARMING, beta: HostState.WARMING });
  await clock.advance(100);
  const answer = await list();
  assert.deepEqual(states(answer), { alpha: HostState.LIVE, beta: HostState.NEVER_SEEN });
  const [, second] = answer.hosts;
  assert.deepEqual(
    [second?.code, second?.detail, second?.via, second?.address],
    ["UNAVAILABLE", "unix:/beta: connection refused", ["own-id"], "unix:/beta"],
  );
  assert.ok((second?.retryInMs ?? 0) > 0);
});

test("a host that dies is UNREACHABLE with its last rows and their age, and LIVE again with its next word", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const alpha = nodeOf(clock, "alpha");
  const { list } = await fleetOf(stack, { alpha }, [nodeMember("alpha")], clock);
  await clock.advance(100);
  alpha.die();
  await clock.advance(60_000);
  const [host] = (await list()).hosts;
  assert.deepEqual([host?.state, host?.agentCount, host?.code], [HostState.UNREACHABLE, 1, "UNAVAILABLE"]);
  assert.ok(host && host.ageMs >= 60_000n && host.ageMs < 62_000n, `${host?.ageMs} ms`);
  assert.equal((await list()).agents.length, 1);
  alpha.revive(true);
  await clock.advance(4000);
  assert.deepEqual(states(await list()), { alpha: HostState.LIVE });
});

test("a member that leaves membership is gone with its rows, and watchers are told so", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const { client, edit, list } = await fleetOf(
    stack,
    { alpha: nodeOf(clock, "alpha"), beta: nodeOf(clock, "beta") },
    [nodeMember("alpha"), nodeMember("beta")],
    clock,
  );
  await clock.advance(100);
  await using reader = new WatchReader(client, {}, {});
  await reader.snapshot();
  edit([nodeMember("alpha")]);
  const { frame } = await reader.until((one) => one.frame.case === "hostRemoved");
  assert.equal(frame.case === "hostRemoved" && frame.value.host, "beta");
  const answer = await list();
  assert.deepEqual([names(answer), answer.agents.map((agent) => agent.host)], [["team-a/alpha"], ["alpha"]]);
});

test("a dead aggregator is one row for each host behind it, as last known", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = siteOf(clock, "site", ["beta", "gamma"]);
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  assert.deepEqual(names(await list()), ["/site"], "a placeholder until it was heard");
  await clock.advance(100);
  assert.deepEqual(names(await list()), ["team-a/beta", "team-a/gamma"]);
  site.die();
  await clock.advance(100);
  const answer = await list();
  assert.deepEqual(states(answer), { beta: HostState.UNREACHABLE, gamma: HostState.UNREACHABLE });
  assert.deepEqual([answer.agents.length, answer.hosts[0]?.via], [2, ["site", "own-id"]]);
  assert.match(answer.hosts[0]?.detail ?? "", /^site: /);
});

test("hosts that come back to us by a loop are not believed", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = siteOf(clock, "site", ["beta"]);
  site.setHost(aHostStatus({ host: "echo", via: ["own-id", "site"] }));
  const { list } = await fleetOf(stack, { site }, [siteMember("site")], clock);
  await clock.advance(100);
  assert.deepEqual(names(await list()), ["team-a/beta"]);
});

test("a host that two ways lead to is there once, by the way that lives, whichever of them knows it", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const alpha = nodeOf(clock, "alpha");
  alpha.die();
  const site = siteOf(clock, "site", ["alpha"]);
  const { edit, list } = await fleetOf(stack, { alpha, site }, [nodeMember("alpha"), siteMember("site")], clock);
  await clock.advance(100);
  assert.deepEqual(states(await list()), { alpha: HostState.LIVE }, "only the site knows its id");
  alpha.revive(true);
  await clock.advance(5000);
  site.die();
  await clock.advance(100);
  assert.deepEqual([states(await list()), (await list()).hosts[0]?.via], [{ alpha: HostState.LIVE }, ["own-id"]], "both knew it");
  site.revive(true);
  alpha.die();
  await clock.advance(5000);
  assert.deepEqual([states(await list()), (await list()).hosts[0]?.via], [{ alpha: HostState.LIVE }, ["site", "own-id"]]);
  edit([siteMember("site")]);
  await clock.advance(100);
  assert.deepEqual(names(await list()), ["team-a/alpha"]);
});

test("a host that only another way knew by its id is expected by name again when that way leaves", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const alpha = nodeOf(clock, "alpha");
  alpha.die();
  const { edit, list } = await fleetOf(
    stack,
    { alpha, site: siteOf(clock, "site", ["alpha"]) },
    [nodeMember("alpha"), siteMember("site")],
    clock,
  );
  await clock.advance(100);
  edit([nodeMember("alpha")]);
  assert.deepEqual(states(await list()), { alpha: HostState.NEVER_SEEN });
});

for (let seed = 1; seed <= 12; seed += 1) {
  test(`no host is lost and none is doubled, whatever happens (seed ${seed})`, async () => {
    await using stack = new AsyncDisposableStack();
    const random = seededRandom(seed);
    const clock = new FakeClock();
    const nodes = ["alpha", "beta", "gamma"];
    const members: Record<string, FakeMember> = Object.fromEntries(nodes.map((host) => [host, nodeOf(clock, host)]));
    members["site"] = siteOf(clock, "site", ["delta", "alpha"]);
    const all = [...nodes.map(nodeMember), siteMember("site")];
    let heardOfSite: string[] | undefined;
    let expected: readonly Member[] = all.filter(() => random() < 0.7);
    const { client, edit, list } = await fleetOf(stack, members, expected, clock);
    await using reader = new WatchReader(client, {}, {});
    // Reads on in the background until the end; each bookmark is checked against what it holds.
    const drained = (async () => {
      for (;;) await reader.next();
    })().catch((thrown: unknown) => String(thrown));
    await clock.advance(20_000);
    assert.deepEqual(names(await list()), expectedNames());
    for (let step = 0; step < 25; step += 1) {
      const name = pick(Object.keys(members), random);
      const member = members[name];
      assert.ok(member);
      const what = act(member, name);
      // At once: every expected node is there exactly once, reachable or not.
      const now = names(await list());
      assert.equal(new Set(now).size, now.length, `step ${step}, ${what}: ${now}`);
      for (const { role, name: host } of expected)
        if (role === "node") assert.ok(now.includes(`team-a/${host}`), `step ${step}, ${what}: ${host} is missing`);
      // And once everybody who can be reached was reached, the set is exactly what is expected.
      await clock.advance(20_000);
      assert.deepEqual(names(await list()), expectedNames(), `step ${step}, ${what}`);
      const watched = reader.view.state.hosts().map((host) => `${host.tenantId}/${host.host}`);
      assert.deepEqual(watched, expectedNames(), `step ${step}, ${what}: as a watcher sees it`);
    }
    await reader[Symbol.asyncDispose]();
    assert.doesNotMatch((await drained) ?? "", /diverged/);

    function act(member: FakeMember, name: string): string {
      const kind = random();
      if (kind < 0.3) member.die();
      else if (kind < 0.6) member.revive(random() < 0.5);
      else if (kind < 0.75) {
        expected = all.filter(() => random() < 0.7);
        edit(expected);
        return `membership ${expected.map((one) => one.name)}`;
      } else if (name === "site") {
        const status = aHostStatus({ host: pick(["delta", "epsilon", "beta"], random), via: ["site"] });
        if (random() < 0.5) member.setHost(status);
        else member.removeHost(status);
      } else member.setHost({ ...aHostStatus({ host: name, detail: `news ${kind}` }) });
      return `${name} ${kind.toFixed(2)}`;
    }

    // What the site was last heard to have; it counts as long as the site is a member.
    function expectedNames(): string[] {
      const found = new Set(expected.filter((one) => one.role === "node").map((one) => `team-a/${one.name}`));
      if (!expected.some((one) => one.name === "site")) heardOfSite = undefined;
      else if (members["site"]?.isUp) heardOfSite = members["site"].hosts.map((host) => `team-a/${host.host}`);
      if (expected.some((one) => one.name === "site")) for (const name of heardOfSite ?? ["/site"]) found.add(name);
      return [...found].sort();
    }
  });
}

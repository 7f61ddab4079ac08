import assert from "node:assert/strict";
import { test } from "node:test";
import { fromConnectError } from "@mosaic/rpc";
import { aHostStatus, FakeClock, FakeMember, memoryMembership, settle } from "@mosaic/testkit";
import { HostState, Role } from "@mosaic/wire";
import { aNode, inFile, testFleet } from "./fleet-for-tests.ts";
import type { SrvAnswer } from "./srv-addresses.ts";

const beta = { tenantId: "team-a", host: "beta", addresses: ["unix:/beta"], sourceLabel: "desk:ada", reason: "new" };

async function refusalOf(call: Promise<unknown>) {
  const error = await call.then(
    () => assert.fail("it was taken"),
    (thrown: unknown) => fromConnectError(thrown, "call"),
  );
  return { code: error.code, message: error.message, hint: error.hint };
}

test("a host that is added by command is listed at once, on record before it is stored, and again changes nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const fleet = await testFleet(stack, { beta: aNode(clock, "beta") }, { clock });
  fleet.audit.beforeRecord = async () => assert.equal((await fleet.records()).length, 0);
  const { member, changed } = await fleet.client.addHost(beta);
  assert.deepEqual(
    [changed, member?.role, member?.addresses, member?.sources, member?.changedBy],
    [true, Role.NODE, ["unix:/beta"], ["command"], "desk:ada"],
  );
  await settle();
  assert.deepEqual([(await fleet.host("beta")).state, (await fleet.host("beta")).sources], [HostState.LIVE, ["command"]]);
  assert.deepEqual(fleet.audit.entries, [
    {
      action: "host.add",
      actor: "desk:ada",
      tenantId: "team-a",
      host: "beta",
      facts: { role: "node", addresses: "unix:/beta", reason: "new" },
    },
  ]);
  assert.equal((await fleet.client.addHost({ ...beta, sourceLabel: "cron" })).changed, false);
  assert.equal(fleet.audit.entries.length, 1);
});

test("a change that can't be put on record is not made", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet(stack, {});
  fleet.audit.beforeRecord = async () => {
    throw new Error("no space left");
  };
  await assert.rejects(fleet.client.addHost(beta));
  assert.deepEqual([await fleet.names(), await fleet.records()], [[], []]);
});

test("a host that dies stays listed, and is expected by the aggregator's next life; removed, it is gone from both", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const stored = memoryMembership();
  const node = aNode(clock, "beta");
  const fleet = await testFleet(stack, { beta: node }, { clock, stored });
  await fleet.client.addHost(beta);
  await settle();
  node.die();
  await clock.advance(60_000);
  assert.equal((await fleet.host("beta")).state, HostState.UNREACHABLE);
  const next = await testFleet(stack, { beta: node }, { clock, stored });
  await clock.advance(100);
  assert.equal((await next.host("beta")).state, HostState.NEVER_SEEN);
  const gone = await fleet.client.removeHost({ host: "beta", sourceLabel: "desk:ada", reason: "sold" });
  assert.deepEqual(
    [gone.changed, gone.hosts.map(({ host, state, agentCount }) => [host, state, agentCount])],
    [true, [["beta", HostState.UNREACHABLE, 1]]],
  );
  assert.deepEqual([await fleet.names(), fleet.audit.entries.map(({ action }) => action)], [[], ["host.add", "host.remove"]]);
  await clock.advance(1500);
  assert.deepEqual(await next.names(), [], "the other one hears of it by asking the store");
  const again = await fleet.client.removeHost({ tenantId: "team-a", host: "beta" });
  assert.deepEqual([again.changed, again.member?.reason], [false, "sold"]);
  assert.equal((await fleet.client.addHost(beta)).changed, true, "a tombstone is no ban");
});

test("what would go is said without doing it", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const fleet = await testFleet(stack, { beta: aNode(clock, "beta") }, { clock });
  await fleet.client.addHost(beta);
  await settle();
  const would = await fleet.client.removeHost({ host: "beta", dryRun: true });
  assert.deepEqual([would.changed, would.hosts.length, await fleet.names()], [true, 1, ["beta"]]);
  assert.deepEqual(fleet.audit.of("host.remove"), []);
});

test("a host of the file is not removed by command, and the refusal names the file", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet(stack, {}, { file: [inFile("alpha")] });
  const refusal = await refusalOf(fleet.client.removeHost({ tenantId: "team-a", host: "alpha" }));
  assert.equal(refusal.code, "NOT_ALLOWED");
  assert.match(refusal.hint ?? "", /take its group out of \/fleet\/hosts\.yaml/);
  assert.deepEqual(await fleet.names(), ["alpha"]);
  fleet.editFile([]);
  assert.deepEqual(await fleet.names(), []);
  assert.deepEqual(
    fleet.audit.entries.map(({ action, actor, host }) => [action, actor, host]),
    [["host.remove", "file:/fleet/hosts.yaml", "alpha"]],
  );
});

test("names that fit none, several, or a host of another aggregator are refused, each in its own words", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const site = new FakeMember({ clock, role: Role.AGGREGATOR, host: "eu" });
  site.setHost(aHostStatus({ host: "far" }));
  const twin = { ...inFile("alpha"), tenantId: "team-b" };
  const eu = { ...inFile("eu"), tenantId: "", role: "aggregator" } as const;
  const fleet = await testFleet(stack, { eu: site }, { clock, file: [inFile("alpha"), twin, eu] });
  await settle();
  const none = await refusalOf(fleet.client.removeHost({ tenantId: "team-a", host: "alfa" }));
  assert.deepEqual([none.code, none.hint], ["HOST_NOT_FOUND", "did you mean team-a/alpha, team-b/alpha?"]);
  const several = await refusalOf(fleet.client.drainHost({ host: "alpha", draining: true }));
  assert.match(several.message, /fits more than one member: team-a\/alpha \(node\), team-b\/alpha \(node\)/);
  const behind = await refusalOf(fleet.client.removeHost({ host: "far" }));
  assert.equal(behind.code, "NOT_ALLOWED");
  assert.match(behind.message, /team-a\/far is expected by a further aggregator/);
  const tenantless = await refusalOf(fleet.client.addHost({ host: "x", addresses: ["unix:/x"] }));
  assert.equal(tenantless.code, "USAGE");
  const offLoopback = await refusalOf(fleet.client.addHost({ ...beta, addresses: ["10.0.0.1:8787"] }));
  assert.equal(offLoopback.code, "NOT_ALLOWED");
});

test("a drained host is DRAINING with the reason while it is live, and itself again after", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const node = aNode(clock, "alpha");
  const fleet = await testFleet(stack, { alpha: node }, { clock, file: [inFile("alpha")] });
  await settle();
  const ask = { host: "alpha", sourceLabel: "desk:ada", reason: "kernel" };
  assert.equal((await fleet.client.drainHost({ ...ask, draining: true })).changed, true);
  assert.equal((await fleet.client.drainHost({ ...ask, draining: true })).changed, false);
  const drained = await fleet.host("alpha");
  assert.deepEqual([drained.state, drained.detail], [HostState.DRAINING, "taken out of service by desk:ada: kernel"]);
  assert.deepEqual([(await fleet.client.list({})).agents.length, drained.sources], [1, ["file"]]);
  node.die();
  await clock.advance(60_000);
  assert.equal((await fleet.host("alpha")).state, HostState.UNREACHABLE, "a drain hides no failure");
  node.revive(true);
  await clock.advance(60_000);
  assert.equal((await fleet.host("alpha")).state, HostState.DRAINING);
  const back = await fleet.client.drainHost({ ...ask, draining: false });
  assert.deepEqual([back.changed, back.member?.draining], [true, false]);
  assert.equal((await fleet.host("alpha")).state, HostState.LIVE);
  fleet.editFile([]);
  assert.deepEqual(await fleet.names(), [], "a mark on a host of the file does not outlive its line");
});

test("a member that moves keeps its rows and its state until the new address was heard", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const node = aNode(clock, "alpha");
  const nodes: Record<string, FakeMember> = { alpha: node, other: node };
  const fleet = await testFleet(stack, nodes, { clock, file: [inFile("alpha")] });
  await settle();
  fleet.editFile([inFile("alpha", "/other")]);
  const { hosts, agents } = await fleet.client.list({});
  assert.deepEqual([hosts[0]?.state, agents.length], [HostState.LIVE, 1]);
  await settle();
  assert.equal((await fleet.host("alpha")).address, "unix:/other");
  fleet.editFile([inFile("alpha", "/nowhere")]);
  await clock.advance(500);
  const lost = await fleet.client.list({});
  assert.deepEqual([lost.hosts[0]?.state, lost.agents.length], [HostState.UNREACHABLE, 1]);
});

test("an id that was given is the host's, and nobody else of the name is taken for it", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const fleet = await testFleet(stack, { beta: aNode(clock, "beta") }, { clock });
  await fleet.client.addHost({ ...beta, hostId: "another" });
  await settle();
  const refused = await fleet.host("beta");
  assert.equal(refused.state, HostState.AUTH_FAILED);
  assert.match(refused.detail, /the host id another is expected there, id-of-team-a-beta answers/);
  await fleet.client.addHost({ ...beta, hostId: "id-of-team-a-beta" });
  await settle();
  assert.equal((await fleet.host("beta")).state, HostState.LIVE);
  const renamed = await refusalOf(fleet.client.addHost({ ...beta, host: "gamma", hostId: "id-of-team-a-beta" }));
  assert.match(renamed.message, /expected as team-a\/beta already/);
  assert.equal((await fleet.client.removeHost({ host: "id-of-team-a-beta" })).changed, true, "and it can be named by its id");
});

test("a store that is gone freezes edits, keeps every host, and says so until it is back", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const fleet = await testFleet(stack, { beta: aNode(clock, "beta") }, { clock });
  await fleet.client.addHost(beta);
  fleet.store.refusal = "connection refused";
  await clock.advance(2000);
  assert.deepEqual(await fleet.names(), ["beta"]);
  assert.match(
    (await fleet.conditions()).join(),
    /^MEMBERSHIP_FROZEN: connection refused; hosts can't be added or removed by command/,
  );
  assert.equal((await refusalOf(fleet.client.removeHost({ host: "beta", dryRun: true }))).code, "STORE_UNAVAILABLE");
  assert.equal((await refusalOf(fleet.client.removeHost({ host: "beta" }))).code, "STORE_UNAVAILABLE");
  assert.deepEqual(fleet.audit.of("host.remove"), [], "what can't be done is not on record as done");
  fleet.store.refusal = undefined;
  await clock.advance(2000);
  assert.deepEqual(await fleet.conditions(), []);
  assert.equal((await fleet.client.removeHost({ host: "beta" })).changed, true);
});

test("a store that was put back to an earlier day has the say, and can be changed", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const stored = memoryMembership();
  const fleet = await testFleet(stack, {}, { clock, stored });
  await fleet.client.addHost({ ...beta, addresses: ["unix:/one"] });
  const backup = new Map(stored.records);
  await fleet.client.addHost({ ...beta, addresses: ["unix:/two"] });
  for (const [key, old] of backup) stored.records.set(key, old);
  assert.equal((await fleet.client.addHost({ ...beta, addresses: ["unix:/three"] })).changed, true);
  assert.deepEqual(
    (await fleet.records()).map(({ addresses }) => addresses),
    [["unix:/three"]],
  );
});

test("a start without the store says that hosts may be missing, unless they were remembered", async () => {
  await using stack = new AsyncDisposableStack();
  const unread = await testFleet(stack, {}, { file: [inFile("alpha")], refusal: "connection refused" });
  assert.match(
    (await unread.conditions()).join(),
    /^MEMBERSHIP_UNREAD: connection refused; hosts that were added by command are not listed yet/,
  );
  assert.deepEqual(await unread.names(), ["alpha"]);
  const record = {
    role: "node",
    tenantId: "team-a",
    name: "beta",
    hostId: "",
    addresses: ["unix:/beta"],
    state: "expected",
  } as const;
  const memory = { load: async () => [{ ...record, reason: "", changedBy: "", changedAtUnixMs: 0, rev: 0 }], save() {} };
  const remembering = await testFleet(stack, {}, { refusal: "connection refused", memory });
  assert.deepEqual(await remembering.names(), ["beta"]);
  assert.match((await remembering.conditions()).join(), /^MEMBERSHIP_FROZEN/);
});

test("a file gone bad keeps the last good one, and says since when", async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet(stack, {}, { file: [inFile("alpha")] });
  fleet.breakFile("/fleet/hosts.yaml: group 2: targets is empty");
  await fleet.clock.advance(5000);
  assert.deepEqual(await fleet.names(), ["alpha"]);
  assert.deepEqual(await fleet.conditions(), [
    "MEMBERSHIP_INVALID: /fleet/hosts.yaml: group 2: targets is empty; the last good file stays in force (since 2026-01-01T00:00:00Z)",
  ]);
  fleet.editFile([inFile("alpha")]);
  assert.deepEqual(await fleet.conditions(), []);
});

test("DNS adds addresses to hosts that are expected, and takes nobody in or out whatever it says", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  let answer: SrvAnswer[] | Error = [
    { target: "alpha.example.org", address: "127.0.0.2", port: 8787 },
    { target: "stranger.example.org", address: "127.0.0.3", port: 8787 },
  ];
  const srvLookup = async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const nodes = { "127.0.0.2:8787": aNode(clock, "alpha") };
  const fleet = await testFleet(stack, nodes, { clock, file: [inFile("alpha", "/old")], srvLookup });
  await clock.advance(3000);
  const found = await fleet.host("alpha");
  assert.deepEqual([found.state, found.address, found.sources], [HostState.LIVE, "http://127.0.0.2:8787", ["dns-srv", "file"]]);
  assert.deepEqual(await fleet.names(), ["alpha"]);
  for (const silence of [new Error("queryTxt ESERVFAIL"), []]) {
    answer = silence;
    await clock.advance(40_000);
    assert.equal((await fleet.host("alpha")).state, HostState.LIVE);
    assert.match(
      (await fleet.conditions()).join(),
      /^DISCOVERY_FAILED: _mosaic-node\._tcp\.example\.org: .*; the last answer stays in force/,
    );
  }
  answer = [{ target: "alpha.example.org", address: "10.0.0.1", port: 8787 }];
  await clock.advance(40_000);
  assert.match((await fleet.conditions()).join(), /not used: alpha\.example\.org: refusing plain text to 10\.0\.0\.1:8787/);
});

test("whose address it is can't be told where two tenants have a host of the name", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const srvLookup = async () => [{ target: "alpha", address: "127.0.0.2", port: 8787 }];
  const file = [inFile("alpha"), { ...inFile("alpha"), tenantId: "team-b" }];
  const fleet = await testFleet(stack, {}, { clock, file, srvLookup });
  await clock.advance(100);
  assert.deepEqual(
    (await fleet.hosts()).map(({ sources }) => sources),
    [["file"], ["file"]],
  );
});

test("two who change the same host at once both come to a clear end", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const stored = memoryMembership();
  const [one, two] = [await testFleet(stack, {}, { clock, stored }), await testFleet(stack, {}, { clock, stored })];
  const both = await Promise.all([
    one.client.addHost({ ...beta, addresses: ["unix:/one"] }),
    two.client.addHost({ ...beta, addresses: ["unix:/two"] }),
  ]);
  assert.deepEqual(
    both.map(({ changed }) => changed),
    [true, true],
  );
  assert.equal((await one.records())[0]?.rev, 2);
  await clock.advance(1500);
  assert.deepEqual(await one.names(), await two.names());
});

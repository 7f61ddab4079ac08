import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, silentLog } from "@mosaic/core";
import { FakeClock, FakeHost, ROSTER_PATH, RUN_DIRECTORY, settle, WORKERS_DIRECTORY } from "@mosaic/testkit";
import { AgentState, HeartbeatHealth, HeartbeatRequestSchema, HeartbeatStatus, HostState } from "@mosaic/wire";
import { HeartbeatRegistry } from "./heartbeat-registry.ts";
import { PlaneWatcher } from "./plane-watcher.ts";
import { openRoster } from "./roster-source.ts";

async function watching(stack: AsyncDisposableStack, prepare: (host: FakeHost) => void = () => {}) {
  const clock = new FakeClock();
  const host = new FakeHost({ tenantId: "team-a", host: "alpha", clock, agents: ["lead"] });
  let touch = () => {};
  const roster = stack.use(
    await openRoster(
      host.files,
      silentLog,
      { path: ROSTER_PATH, workersDirectory: WORKERS_DIRECTORY, defaultTenant: "", defaultHost: "" },
      () => touch(),
    ),
  );
  const heartbeats = new HeartbeatRegistry(clock);
  const fleetLog = new FleetLog({ epoch: "e" });
  const unrecorded = new Map<string, string>();
  const recordingProblems = () => unrecorded;
  const store = { refusal: undefined as string | undefined };
  prepare(host);
  const watcher = stack.use(
    new PlaneWatcher(
      {
        ...{ planes: host.planes(), roster, heartbeats, fleetLog, log: silentLog, recordingProblems },
        storeProblem: () => store.refusal,
      },
      { hostId: host.hostId, version: "1", runDirectory: RUN_DIRECTORY },
    ),
  );
  touch = () => watcher.touch();
  stack.use(host.terminal.onChange(() => watcher.touch("terminal")));
  stack.use(host.units.onChange(() => watcher.touch("units")));
  stack.use(host.files.onChange(RUN_DIRECTORY, (entry) => watcher.touchFile(entry)));
  await watcher.refresh();
  await settle();
  const row = (name: string) => fleetLog.state.rows().find((stored) => stored.row.name === name)?.row;
  const report = (status: HeartbeatStatus) => {
    heartbeats.take(create(HeartbeatRequestSchema, { agent: { name: "lead" }, status, intervalMs: 1000 }));
    watcher.touch();
  };
  const told = () => fleetLog.state.host({ tenantId: "team-a", host: "alpha", hostId: host.hostId });
  return { clock, host, fleetLog, watcher, row, report, told, unrecorded, store };
}

test("an event becomes a row with one reading, without waiting for the slow one", async () => {
  await using stack = new AsyncDisposableStack();
  const { host, row } = await watching(stack);
  const before = host.terminal.listCount;
  host.startSession("extra");
  await settle();
  assert.equal(row("extra")?.inRoster, false);
  assert.ok(host.terminal.listCount - before <= 2, `${host.terminal.listCount - before} readings`);
});

test("a burst of events is one reading and one more", async () => {
  await using stack = new AsyncDisposableStack();
  const { host, watcher, row } = await watching(stack);
  const before = host.terminal.listCount;
  for (let index = 0; index < 100; index += 1) host.startSession(`extra-${index}`);
  for (let index = 0; index < 100; index += 1) watcher.touch("terminal");
  await settle();
  assert.ok(row("extra-99"));
  assert.ok(host.terminal.listCount - before <= 3, `${host.terminal.listCount - before} readings`);
});

test("a missed event is made up for within 5 s, and nothing is read in between", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, row } = await watching(stack);
  const before = host.terminal.listCount;
  host.terminal.pane("lead").command = "other";
  await clock.advance(4900);
  assert.deepEqual([row("lead")?.pane?.command, host.terminal.listCount - before], ["stub", 0]);
  await clock.advance(200);
  assert.deepEqual([row("lead")?.pane?.command, host.terminal.listCount - before], ["other", 1]);
});

test("readings without news publish nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fleetLog } = await watching(stack);
  const { rev } = fleetLog;
  await clock.advance(60_000);
  assert.equal(fleetLog.rev, rev);
});

test("a heartbeat turns stale by itself, at its moment", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, row, report } = await watching(stack);
  report(HeartbeatStatus.BUSY);
  await settle();
  assert.deepEqual([row("lead")?.state, row("lead")?.heartbeat?.health], [AgentState.WORKING, HeartbeatHealth.HEALTHY]);
  await clock.advance(3000);
  assert.equal(row("lead")?.heartbeat?.health, HeartbeatHealth.HEALTHY);
  await clock.advance(2);
  assert.deepEqual([row("lead")?.state, row("lead")?.heartbeat?.health], [AgentState.UNSPECIFIED, HeartbeatHealth.STALE]);
});

test("planes that fail are a condition at once and STALE after 10 s, rows and all", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, row, told, watcher } = await watching(stack);
  host.terminal.failure = new Error("tmux: server exited");
  watcher.touch("terminal");
  await settle();
  assert.deepEqual(
    [told()?.state, told()?.conditions.map((condition) => condition.type)],
    [HostState.LIVE, ["PLANES_UNREADABLE"]],
  );
  await clock.advance(9900);
  assert.equal(told()?.state, HostState.LIVE);
  await clock.advance(200);
  assert.deepEqual([told()?.state, told()?.code, told()?.detail], [HostState.STALE, "UNAVAILABLE", "tmux: server exited"]);
  const status = watcher.status();
  assert.deepEqual([status.ageMs, status.asOfUnixMs], [10_100n, BigInt(clock.nowUnixMs() - 10_100)]);
  assert.ok(row("lead"), "what was known stays");
  host.terminal.failure = undefined;
  await clock.advance(5000);
  assert.deepEqual([told()?.state, told()?.conditions, watcher.status().ageMs], [HostState.LIVE, [], 0n]);
});

test("a host whose planes were never read is STALE from the start, and no empty fleet", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, row, told } = await watching(stack, (one) => {
    one.terminal.failure = new Error("no tmux here");
  });
  assert.deepEqual([told()?.state, told()?.detail], [HostState.STALE, "no tmux here"]);
  host.terminal.failure = undefined;
  await clock.advance(5000);
  assert.equal(told()?.state, HostState.LIVE);
  assert.ok(row("lead"));
});

test("a roster gone bad is a condition beside the last good rows, and ends with the next good one", async () => {
  await using stack = new AsyncDisposableStack();
  const { host, row, told } = await watching(stack);
  host.files.write(ROSTER_PATH, "agents: nonsense");
  await settle();
  assert.deepEqual(
    told()?.conditions.map((condition) => condition.type),
    ["ROSTER_INVALID"],
  );
  assert.match(told()?.conditions[0]?.message ?? "", /last good one is in force/);
  assert.equal(row("lead")?.inRoster, true);
  host.addAgent("coder0");
  await settle();
  assert.deepEqual([told()?.conditions, row("coder0")?.inRoster], [[], true]);
});

test("a refresh shows what happened before it was asked for, also when a reading was on its way already", async () => {
  await using stack = new AsyncDisposableStack();
  const { host, watcher, row } = await watching(stack);
  const first = watcher.refresh();
  // The reading above has asked for the panes already.
  host.terminal.pane("lead").command = "changed";
  await Promise.all([watcher.refresh(), watcher.refresh(), first]);
  assert.equal(row("lead")?.pane?.command, "changed");
});

test("the wall clock may jump, and no age does", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, watcher } = await watching(stack);
  host.terminal.failure = new Error("x");
  watcher.touch("terminal");
  await clock.advance(2000);
  clock.jumpWall(3_600_000);
  assert.equal(watcher.status().ageMs, 2000n);
});

test("heartbeat files make a reading at once, and then one a second however many there are", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, row, fleetLog } = await watching(stack);
  await clock.advance(1500);
  const { rev } = fleetLog;
  host.writeHeartbeatFile("lead", "busy");
  await settle();
  assert.equal(row("lead")?.state, AgentState.WORKING);
  for (let ms = 0; ms < 2000; ms += 10) {
    host.writeHeartbeatFile("lead", "busy");
    await clock.advance(10);
  }
  assert.ok(fleetLog.rev - rev <= 4n, `${fleetLog.rev - rev} changes`);
  await clock.advance(1000);
  assert.equal(row("lead")?.heartbeat?.atUnixMs, BigInt(clock.nowUnixMs() - 1010));
});

test("heartbeats read neither tmux nor systemd, and do not put off their turn", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, watcher } = await watching(stack);
  const before = [host.terminal.listCount, host.units.readCount] as const;
  for (let second = 1; second <= 60; second += 1) {
    await clock.advance(1000);
    host.writeHeartbeatFile("lead", "ok");
    watcher.touch();
  }
  const listings = host.terminal.listCount - before[0];
  assert.ok(listings >= 11 && listings <= 13, `${listings} listings in a minute`);
  assert.ok(host.units.readCount - before[1] <= 2);
});

test("a death is in the row at once, also while heartbeats wait for their turn", async () => {
  await using stack = new AsyncDisposableStack();
  const { host, row } = await watching(stack);
  host.writeHeartbeatFile("lead", "busy");
  host.writeHeartbeatFile("lead", "ok");
  await settle();
  host.terminal.killProcess("lead", 1);
  await settle();
  assert.deepEqual([row("lead")?.state, row("lead")?.stateDetail], [AgentState.DEAD, "exited with 1"]);
});

test("a unit's change is in the row at once, with what it means", async () => {
  await using stack = new AsyncDisposableStack();
  const { host, row } = await watching(stack);
  const before = host.terminal.listCount;
  host.units.set("mosaic-agent@lead.service", { enabled: "disabled" });
  await settle();
  assert.deepEqual([row("lead")?.systemd?.enabled, row("lead")?.bootEnableWarning], ["disabled", true]);
  assert.equal(host.terminal.listCount, before);
});

test("a message store that takes nothing is a condition of a host that is LIVE, and goes with its reason", async () => {
  await using stack = new AsyncDisposableStack();
  const { watcher, told, store } = await watching(stack);
  store.refusal = "the message store is full";
  // A reader who asks hears it at once; who watches, with the next reading.
  assert.deepEqual(
    watcher.status().conditions.map(({ type, message }) => `${type}: ${message}`),
    ["STORE_UNAVAILABLE: no message is taken: the message store is full"],
  );
  await watcher.refresh();
  assert.deepEqual([told()?.state, told()?.conditions[0]?.type], [HostState.LIVE, "STORE_UNAVAILABLE"]);
  store.refusal = undefined;
  await watcher.refresh();
  assert.deepEqual(told()?.conditions, []);
});

test("a systemd that fails, and one that is not there, are conditions of a host that is LIVE", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, host, told, row } = await watching(stack);
  const types = () => told()?.conditions.map((condition) => condition.type);
  host.units.failure = new Error("connection lost");
  host.units.pokeListeners();
  await settle();
  assert.deepEqual([told()?.state, types(), row("lead")?.systemd], [HostState.LIVE, ["SYSTEMD_UNREADABLE"], undefined]);
  host.units.failure = undefined;
  host.units.absent = "no socket";
  await clock.advance(5000);
  assert.deepEqual(types(), ["NO_SYSTEMD"]);
  host.units.absent = undefined;
  host.units.pokeListeners();
  await settle();
  assert.deepEqual([types(), row("lead")?.systemd?.active], [[], "active"]);
});

test("an agent that says busy for ten minutes while nothing moves is wedged, and a new turn frees it", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, row, host } = await watching(stack);
  const beats = async (minutes: number) => {
    for (let beat = 0; beat < minutes * 6; beat += 1) {
      host.writeHeartbeatFile("lead", "busy");
      await clock.advance(10_000);
    }
  };
  await beats(10);
  assert.equal(row("lead")?.state, AgentState.WORKING);
  await beats(1);
  assert.equal(row("lead")?.state, AgentState.WEDGED);
  host.terminal.print("lead", "still here");
  await clock.advance(5000);
  assert.equal(row("lead")?.state, AgentState.WORKING);
});

test("an agent that is not recorded is told so in its row, once, until it is recorded again", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fleetLog, row, unrecorded, watcher } = await watching(stack);
  unrecorded.set("lead", "no space is left on the disk");
  watcher.touch();
  await settle();
  assert.deepEqual(
    row("lead")?.conditions.map(({ type }) => type),
    ["RECORDING_STOPPED"],
  );
  const { rev } = fleetLog;
  await clock.advance(60_000);
  assert.equal(fleetLog.rev, rev);
  unrecorded.clear();
  watcher.touch();
  await settle();
  assert.deepEqual(row("lead")?.conditions, []);
});

test("disposed, it reads no more and nothing of it sleeps on", async () => {
  const stack = new AsyncDisposableStack();
  const { clock, host, watcher } = await watching(stack);
  await stack.disposeAsync();
  const before = host.terminal.listCount;
  watcher.touch();
  await clock.advance(60_000);
  assert.deepEqual([host.terminal.listCount - before, clock.sleeperCount], [0, 0]);
});

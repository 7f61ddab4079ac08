/** What a fleet says of itself while its parts are killed, stopped and started again. */
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type DemoFleet, startDemoFleet } from "./demo-fleet.ts";
import { HostHistory } from "./host-history.ts";
import { hostIn, itemIn } from "./ps-answer.ts";
import { tellAll } from "./tell-all.ts";

const HOSTS = ["alpha", "beta", "gamma"];
const PS = ["fleet", "ps", "--all-hosts", "--json"];

test(
  "a fleet of three hosts survives what happens to its parts",
  { timeout: 240_000 },
  tellAll(async (context) => {
    await using fleet = await startDemoFleet({ hosts: 3, agents: 2 });
    await using history = new HostHistory({ socketPath: join(fleet.directory, "fleet/run/aggregator.sock") });
    const part = (name: string, work: (context: TestContext) => Promise<void>) => context.test(name, work);

    await part("a killed node is UNREACHABLE within 2 s, and costs the answer nothing", (t) => killedNode(t, fleet, history));
    await part("demo up brings the killed node back, and touches nothing else", (t) => revivedNode(t, fleet, history));
    await part("a stopped node is STALE, then UNREACHABLE within 20 s, and nothing hangs", (t) => stoppedNode(t, fleet, history));
    await part("a killed agent is dead within 2 s", (t) => killedAgent(t, fleet));
    await part("demo up starts the killed agent anew", (t) => revivedAgent(t, fleet));
    await part("without the aggregator nobody answers, and the error says what to do", (t) =>
      killedAggregator(t, fleet, history),
    );
    await part("a fleet without a single living node exits with 4", (t) => killedNodes(t, fleet, history));
    await part("no answer ever named fewer than all hosts", (t) => conserved(t, history));
  }),
);

async function killedNode(t: TestContext, fleet: DemoFleet, history: HostHistory): Promise<void> {
  const before = await medianWallMs(fleet);
  const killedUnixMs = Date.now();
  fleet.kill("beta", "SIGKILL");
  const seenUnixMs = await seen(fleet, history, "beta", "UNREACHABLE", killedUnixMs, 2000);
  const { answer, end } = await fleet.ps();
  const after = await medianWallMs(fleet);
  t.diagnostic(
    `UNREACHABLE after ${seenUnixMs - killedUnixMs} ms; fleet ps takes ${Math.round(before)} ms before, ${Math.round(after)} ms after`,
  );

  const beta = hostIn(answer, "beta");
  assert.equal(end.exitCode, 3);
  assert.equal(answer.complete, false);
  assert.equal(beta.state, "UNREACHABLE");
  assert.ok(beta.age_ms !== null && beta.age_ms > 0, `age ${beta.age_ms}`);
  assert.notEqual(beta.code, "");
  assert.match(beta.detail, /^http:\/\/127\.0\.0\.1:\d+: ./);
  assert.deepEqual(
    answer.items.filter((item) => item.host === "beta").map((item) => [item.name, item.state, item.last_state]),
    [
      ["coder0", "STALE", "ready"],
      ["lead", "STALE", "ready"],
    ],
  );
  assert.equal(answer.items.filter((item) => item.state !== "STALE").length, 4);
  await fleet.eventually("the next attempt tells the plain reason", async () => {
    return /: connection refused$/.test(hostIn((await fleet.ps()).answer, "beta").detail);
  });
  // Waiting for it would cost seconds; the rest is how much a busy machine varies.
  assert.ok(after - before < 1000, `fleet ps takes ${after} ms with a dead host, ${before} ms without`);
}

async function revivedNode(t: TestContext, fleet: DemoFleet, history: HostHistory): Promise<void> {
  const before = fleet.daemons;
  const startedUnixMs = Date.now();
  await fleet.restart();
  // The record is written when the node serves.
  const servesUnixMs = (await stat(join(fleet.daemon("beta").home, "fleet/run/node.json"))).mtimeMs;
  const liveUnixMs = await seen(fleet, history, "beta", "LIVE", startedUnixMs, 5000);
  t.diagnostic(`LIVE ${Math.round(liveUnixMs - servesUnixMs)} ms after the node serves`);
  assert.ok(liveUnixMs - servesUnixMs < 5000);
  const { answer, end } = await fleet.ps();
  assert.deepEqual([end.exitCode, answer.complete, answer.items.length], [0, true, 6]);
  const kept = (host: string) => assert.equal(fleet.daemon(host).pid, before.find((daemon) => daemon.host === host)?.pid);
  for (const host of ["aggregator", "alpha", "gamma"]) kept(host);
}

async function stoppedNode(t: TestContext, fleet: DemoFleet, history: HostHistory): Promise<void> {
  const stoppedUnixMs = Date.now();
  fleet.kill("gamma", "SIGSTOP");
  const live = await fleet.mosaic([...PS, "--live", "--timeout", "4s"], { timeoutMs: 15_000 });
  assert.equal(live.exitCode, 3, live.stdout);
  assert.ok(live.durationMs < 4000, `--live --timeout 4s takes ${live.durationMs} ms`);
  assert.match(hostIn(JSON.parse(live.stdout), "gamma").detail, /did not answer within/);

  const staleUnixMs = await seen(fleet, history, "gamma", "STALE", stoppedUnixMs, 20_000);
  const stale = await fleet.mosaic(PS, { timeoutMs: 10_000 });
  const lostUnixMs = await seen(fleet, history, "gamma", "UNREACHABLE", stoppedUnixMs, 20_000);
  const lost = await fleet.mosaic(PS, { timeoutMs: 10_000 });
  assert.deepEqual([stale.exitCode, lost.exitCode], [3, 3]);
  assert.equal(itemIn(JSON.parse(lost.stdout), "gamma", "lead").state, "STALE");

  const continuedUnixMs = Date.now();
  fleet.kill("gamma", "SIGCONT");
  const liveUnixMs = await seen(fleet, history, "gamma", "LIVE", continuedUnixMs, 15_000);
  t.diagnostic(
    `STALE after ${staleUnixMs - stoppedUnixMs} ms, UNREACHABLE after ${lostUnixMs - stoppedUnixMs} ms, ` +
      `LIVE ${liveUnixMs - continuedUnixMs} ms after SIGCONT; --live took ${Math.round(live.durationMs)} ms`,
  );
  assert.ok(staleUnixMs < lostUnixMs && lostUnixMs - stoppedUnixMs < 20_000);
}

async function killedAgent(t: TestContext, fleet: DemoFleet): Promise<void> {
  const pid = itemIn((await fleet.ps()).answer, "alpha", "lead").pane?.pid;
  assert.ok(pid);
  const killedMs = performance.now();
  process.kill(pid, "SIGKILL");
  const dead = await fleet.eventually("the row of the killed agent is dead", async () => {
    const { answer } = await fleet.ps();
    const item = itemIn(answer, "alpha", "lead");
    return item.state === "dead" && item;
  });
  const tookMs = performance.now() - killedMs;
  t.diagnostic(`dead after at most ${Math.round(tookMs)} ms, the command that shows it included`);
  assert.equal(dead.pane?.alive ?? false, false);
  // The look in case nothing said so is up to 5 s away.
  assert.ok(tookMs < 4000, `dead after ${tookMs} ms`);
}

async function revivedAgent(_t: TestContext, fleet: DemoFleet): Promise<void> {
  await fleet.restart();
  const item = itemIn((await fleet.ps()).answer, "alpha", "lead");
  assert.deepEqual([item.state, item.pane?.alive], ["ready", true]);
}

async function killedAggregator(t: TestContext, fleet: DemoFleet, history: HostHistory): Promise<void> {
  const before = fleet.daemons;
  fleet.kill("aggregator", "SIGKILL");
  const end = await fleet.eventually("nobody answers", async () => {
    const asked = await fleet.mosaic(PS);
    // Until the process is gone, a connection may be made and break.
    return asked.exitCode === 4 && JSON.parse(asked.stdout).code === "NOT_SERVED" && asked;
  });
  assert.match(end.stderr, /^mosaic: .*aggregator\.sock/);
  assert.match(end.stderr, /^hint: start mosaic-aggregator/m);
  assert.equal(JSON.parse(end.stdout).code, "NOT_SERVED");

  const startedUnixMs = Date.now();
  await fleet.restart();
  const liveUnixMs = await Promise.all(HOSTS.map((host) => seen(fleet, history, host, "LIVE", startedUnixMs, 15_000)));
  t.diagnostic(`all LIVE ${Math.max(...liveUnixMs) - startedUnixMs} ms after demo up began`);
  assert.ok(Math.max(...liveUnixMs) - startedUnixMs < 15_000);
  assert.equal((await fleet.ps()).end.exitCode, 0);
  for (const host of HOSTS) assert.equal(fleet.daemon(host).pid, before.find((daemon) => daemon.host === host)?.pid);
}

async function killedNodes(_t: TestContext, fleet: DemoFleet, history: HostHistory): Promise<void> {
  const killedUnixMs = Date.now();
  for (const host of HOSTS) fleet.kill(host, "SIGKILL");
  await Promise.all(HOSTS.map((host) => seen(fleet, history, host, "UNREACHABLE", killedUnixMs, 10_000)));
  const { answer, end } = await fleet.ps();
  assert.equal(end.exitCode, 4);
  assert.deepEqual(
    answer.hosts.map(({ host, state }) => [host, state]),
    HOSTS.map((host) => [host, "UNREACHABLE"]),
  );
  assert.deepEqual(new Set(answer.items.map((item) => item.state)), new Set(["STALE"]));
  const table = await fleet.mosaic(["fleet", "ps", "--all-hosts"]);
  assert.match(table.stdout, /INCOMPLETE: 3 unreachable/);
}

async function conserved(t: TestContext, history: HostHistory): Promise<void> {
  t.diagnostic(
    `${history.moments.length} answers; the slowest took ${Math.round(Math.max(...history.moments.map((one) => one.tookMs)))} ms`,
  );
  assert.ok(history.moments.length > 200, "too few answers to prove anything");
  const short = history.moments.filter((moment) => !HOSTS.every((host) => moment.states.has(host)));
  assert.deepEqual(
    short.map((moment) => [...moment.states]),
    [],
  );
  assert.deepEqual(
    history.moments.filter((moment) => moment.states.size !== HOSTS.length).map((moment) => [...moment.states]),
    [],
  );
}

function seen(
  fleet: DemoFleet,
  history: HostHistory,
  host: string,
  state: string,
  sinceUnixMs: number,
  withinMs: number,
): Promise<number> {
  const name = `${host} is ${state} within ${withinMs} ms`;
  // The history may be a moment behind what it shows.
  return fleet.eventually(name, () => history.firstUnixMs(host, state, sinceUnixMs), withinMs + 500);
}

async function medianWallMs(fleet: DemoFleet): Promise<number> {
  const durations: number[] = [];
  for (let run = 0; run < 5; run += 1) durations.push((await fleet.mosaic(PS)).durationMs);
  return durations.sort((a, b) => a - b)[2] ?? Number.NaN;
}

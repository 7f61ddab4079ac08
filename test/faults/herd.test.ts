/** P8: the aggregator of a large fleet is killed and started again: all hosts are asked at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { processUse } from "../bench/process-figures.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { allLive, assertClean, isLong, newFindings, publish, spread } from "./experiment.ts";
import { evenly, type FaultFleet, startFaultFleet } from "./fault-fleet.ts";
import { netObstacle } from "./fault-net.ts";
import { ListProbe } from "./list-probe.ts";

const HOSTS = isLong ? 1000 : 200;
const AGENTS = isLong ? 8 : 4;
const RESTARTS = isLong ? 5 : 1;

test(
  `P8: the aggregator of ${HOSTS} hosts is killed and started again`,
  { skip: netObstacle() ?? false, timeout: 600_000 },
  tellAll(async (context) => {
    await using fleet = await startFaultFleet({ groups: evenly(HOSTS, isLong ? 4 : 2), agents: AGENTS });
    const findings = newFindings();
    const connect = () => fleet.aggregator.connect();
    await using list = new ListProbe({ connect, findings, expected: fleet.hosts, ledger: fleet.ledger, everyMs: 250 });
    await allLive(fleet, list);
    const rounds = [];
    for (let restart = 0; restart < RESTARTS; restart += 1) rounds.push(await restarted(fleet, list));
    const failed = rounds.reduce((sum, round) => sum + round.failedHandshakes, 0);
    const { queries, unanswered, silentlyMissing } = list;
    publish(context, "P8 herd", {
      ...{ hosts: HOSTS, agents: AGENTS, restarts: RESTARTS, to99PercentLiveMs: spread(rounds.map((round) => round.most)) },
      ...{ toAllLiveMs: spread(rounds.map((round) => round.all)), failedHandshakes: failed },
      ...{
        peakCpuPercent: Math.max(...rounds.map((round) => round.peakCpuPercent)),
        cpuMs: spread(rounds.map((round) => round.cpuMs)),
      },
      ...{ queries, unanswered, silentlyMissing },
    });
    assertClean(findings, ["C1", "C2"]);
    assert.equal(silentlyMissing, 0);
    assert.equal(failed, 0, "attempts were lost");
    assert.ok(Math.max(...rounds.map((round) => round.most)) < 45_000, "99 % were LIVE too late");
  }),
);

async function restarted({ aggregator, hosts, ledger }: FaultFleet, list: ListProbe) {
  ledger.isAnswererFaulted = true;
  await aggregator.kill();
  const logged = aggregator.logged.length;
  const startedAtMs = performance.now();
  const starting = aggregator.start();
  using cpu = watchCpu(() => aggregator.pid);
  await starting;
  const live = () => list.last?.hosts.filter((host) => host.state === HostState.LIVE).length ?? 0;
  const queriesBefore = list.queries;
  const takes = async (share: number) => {
    await eventually(
      `${share} of the hosts are LIVE`,
      () => list.queries > queriesBefore && live() >= share * hosts.length,
      90_000,
    );
    return Math.round(performance.now() - startedAtMs);
  };
  const most = await takes(0.99);
  const all = await takes(1);
  ledger.isAnswererFaulted = false;
  const cpuMs = Math.round(processUse(aggregator.pid).cpuMs);
  const failedHandshakes = aggregator.logged.slice(logged).split("member lost").length - 1;
  // One more look at its CPU time.
  await delay(500);
  return { most, all, failedHandshakes, peakCpuPercent: cpu.peakPercent(), cpuMs };
}

/** Looks at a process's CPU time twice a second. */
function watchCpu(pid: () => number): Disposable & { readonly peakPercent: () => number } {
  let before = { cpuMs: 0, atMs: performance.now() };
  let peak = 0;
  const timer = setInterval(() => {
    // It may not be there yet, or be gone.
    const now = { cpuMs: pid() === 0 ? 0 : usedMs(pid()), atMs: performance.now() };
    peak = Math.max(peak, (100 * (now.cpuMs - before.cpuMs)) / (now.atMs - before.atMs));
    before = now;
  }, 500);
  return { peakPercent: () => Math.round(peak), [Symbol.dispose]: () => clearInterval(timer) };
}

function usedMs(pid: number): number {
  try {
    return processUse(pid).cpuMs;
  } catch {
    return 0;
  }
}

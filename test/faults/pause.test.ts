/** P3: processes are stopped for some seconds, as a machine that swaps or a laptop that sleeps stops them, and go on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { tellAll } from "../mesh/tell-all.ts";
import { ChildProgram } from "./child-program.ts";
import { converged } from "./convergence.ts";
import { allLive, assertClean, isLong, newFindings, publish } from "./experiment.ts";
import { evenly, type FaultFleet, startFaultFleet } from "./fault-fleet.ts";
import { netObstacle } from "./fault-net.ts";
import { ListProbe } from "./list-probe.ts";
import { leakedHandlers, liveStreams } from "./released.ts";
import { WatchProbe } from "./watch-probe.ts";

/** How long each is stopped, one pause after the other. A client is let go of after two unanswered pings, which is 20 to 40 s. */
const NODE_PAUSES_MS = isLong ? [1000, 5000, 15_000, 60_000] : [1000, 10_000];
const AGGREGATOR_PAUSES_MS = isLong ? [1000, 5000, 15_000, 60_000] : [12_000];
const CLIENT_PAUSE_MS = isLong ? 60_000 : 1000;
const HOSTS = 20;
const CLIENTS = 20;

test(
  "P3: nodes, the aggregator and clients are stopped and go on, and no handler stays",
  { skip: netObstacle() ?? false, timeout: 600_000 },
  tellAll(async (context) => {
    await using fleet = await startFaultFleet({ groups: evenly(HOSTS, 2), agents: 4 });
    const findings = newFindings();
    const connect = () => fleet.aggregator.connect();
    await using list = new ListProbe({ connect, findings, expected: fleet.hosts, ledger: fleet.ledger });
    await using watch = new WatchProbe({ name: "watch", connect, findings });
    await allLive(fleet, list);
    await using own = connect();
    await eventually("the watch is served", async () => (await liveStreams(own.client))["Watch"] === 1);
    const before = await liveStreams(own.client);
    const nodes = [];
    for (const pauseMs of NODE_PAUSES_MS) {
      nodes.push(await pausedNodes(fleet, list, pauseMs));
      await converged(fleet, { list, watch }, findings);
    }
    const aggregator = [];
    for (const pauseMs of AGGREGATOR_PAUSES_MS) {
      aggregator.push({
        pauseMs,
        convergedMs: Math.round(await pausedAggregator(fleet, pauseMs, () => converged(fleet, { list, watch }, findings))),
      });
    }
    const clients = await pausedClients(fleet, watch);
    const leaked = await leakedHandlers(own.client, before, findings);
    const { queries, unanswered, silentlyMissing } = list;
    publish(context, "P3 pauses", { hosts: HOSTS, nodes, aggregator, clients, leaked, queries, unanswered, silentlyMissing });
    assertClean(findings, ["C1", "C2", "C3", "C5", "C7"]);
    assert.deepEqual({ silentlyMissing, leaked }, { silentlyMissing: 0, leaked: 0 });
  }),
);

/** Half of the hosts are stopped. A pause below the bound is noticed by nobody, and a longer one is. */
async function pausedNodes({ groups, ledger }: FaultFleet, list: ListProbe, pauseMs: number) {
  const group = groups[0];
  assert.ok(group);
  const names = group.hosts.map(({ name }) => name);
  group.signal("SIGSTOP");
  ledger.silence(names);
  const stoppedAtMs = performance.now();
  await delay(pauseMs);
  const detectedMs = (state: HostState) => {
    const atMs = Math.max(...names.map((name) => list.firstMs(name, state, stoppedAtMs) ?? Number.NaN));
    return Number.isNaN(atMs) ? undefined : Math.round(atMs - stoppedAtMs);
  };
  const detected = { staleMs: detectedMs(HostState.STALE), unreachableMs: detectedMs(HostState.UNREACHABLE) };
  ledger.release(names);
  group.signal("SIGCONT");
  if (pauseMs < 4000) assert.equal(detected.staleMs, undefined, "a pause below the bound was taken for a failure");
  if (pauseMs >= 10_000) assert.ok(detected.staleMs !== undefined && detected.staleMs < 10_000, JSON.stringify(detected));
  return { pauseMs, ...detected };
}

/** While it is stopped its hosts go on; what it says first when it goes on must not be what it knew before. */
async function pausedAggregator(fleet: FaultFleet, pauseMs: number, settle: () => Promise<number>): Promise<number> {
  const { aggregator, groups, ledger } = fleet;
  const group = groups[0];
  const names = group?.hosts.map(({ name }) => name) ?? [];
  ledger.isAnswererFaulted = true;
  aggregator.signal("SIGSTOP");
  // Half of its hosts stop with it: when it goes on, it must not show them as it knew them.
  group?.signal("SIGSTOP");
  ledger.silence(names);
  await delay(pauseMs);
  aggregator.signal("SIGCONT");
  // Long enough to be asked what it says now.
  await delay(1000);
  ledger.isAnswererFaulted = false;
  ledger.release(names);
  group?.signal("SIGCONT");
  return await settle();
}

/** Watch clients that are stopped cost nothing for good: they are let go of, or go on. */
async function pausedClients({ aggregator }: FaultFleet, watch: WatchProbe) {
  await using clients = await ChildProgram.start("watchers-program.ts", aggregator.socketPath, String(CLIENTS));
  clients.signal("SIGSTOP");
  const framesBefore = watch.frames;
  await delay(CLIENT_PAUSE_MS);
  await eventually("another client is served meanwhile", () => watch.frames > framesBefore + 1);
  await using own = aggregator.connect();
  return { clients: CLIENTS, pauseMs: CLIENT_PAUSE_MS, stillServed: (await liveStreams(own.client))["Watch"] };
}

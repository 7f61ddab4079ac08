/** P2: half of the hosts are killed at once, then the aggregator too, and started again, with durable sends under way. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { tellAll } from "../mesh/tell-all.ts";
import { converged } from "./convergence.ts";
import { allLive, assertClean, isLong, newFindings, publish, spread } from "./experiment.ts";
import { evenly, type FaultFleet, startFaultFleet } from "./fault-fleet.ts";
import { netObstacle } from "./fault-net.ts";
import { HostWithAgents } from "./host-with-agents.ts";
import { ListProbe } from "./list-probe.ts";
import { SendProbe } from "./send-probe.ts";
import { WatchProbe } from "./watch-probe.ts";

const HOSTS = isLong ? 200 : 60;
const GROUPS = isLong ? 20 : 6;
const ROUNDS = isLong ? 5 : 1;

test(
  `P2: half of ${HOSTS} hosts are killed, then the aggregator; nobody is missing and no send is lost`,
  { skip: netObstacle() ?? false, timeout: 600_000 },
  tellAll(storm),
);

async function storm(context: TestContext): Promise<void> {
  await using fleet = await startFaultFleet({ groups: evenly(HOSTS, GROUPS), agents: 4 });
  await using real = await HostWithAgents.start({ net: fleet.net, folder: fleet.folder, name: "real", port: 30_000 });
  await fleet.expect([real.host]);
  const findings = newFindings();
  const connect = () => fleet.aggregator.connect();
  const expected = [...fleet.hosts, real.host];
  await using list = new ListProbe({ connect, findings, expected, ledger: fleet.ledger });
  await using watch = new WatchProbe({ name: "watch", connect, findings });
  await allLive({ hosts: expected }, list);
  const sends = new SendProbe(connect, real);
  fleet.churn(20);
  const recoveries: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    recoveries.push(...(await killAndRevive(fleet, real, list, round)));
    fleet.churn(20);
  }
  fleet.churn(0);
  const truth = async () => new Map([...(await fleet.truth()), ["real", await real.rowsText()]]);
  const ends = await sends.end();
  const convergedMs = await converged({ hosts: expected, truth }, { list, watch }, findings);
  const { queries, unanswered, silentlyMissing } = list;
  const { resets, resumes } = watch.record;
  publish(context, "P2 kill storm", {
    ...{
      hosts: HOSTS + 1,
      rounds: ROUNDS,
      killed: recoveries.length,
      recoveryMs: spread(recoveries),
      convergedMs: Math.round(convergedMs),
    },
    ...{ resets, resumes, sends: ends, queries, unanswered, silentlyMissing },
  });
  assertClean(findings, ["C1", "C2", "C3", "C5"]);
  assert.equal(silentlyMissing, 0);
  assert.deepEqual({ lost: ends.lost, twice: ends.twice }, { lost: 0, twice: 0 });
  assert.ok(ends.acknowledged > 0, "nothing was sent");
  assert.ok(Math.max(...recoveries) < 30_000, `a host was LIVE only after ${Math.max(...recoveries)} ms`);
}

/** @returns how long after its process served again each killed host was LIVE, in ms */
async function killAndRevive(fleet: FaultFleet, real: HostWithAgents, list: ListProbe, round: number): Promise<number[]> {
  const { aggregator, groups, ledger } = fleet;
  const killed = groups.filter((_, index) => index % 2 === round % 2);
  const names = [...killed.flatMap((group) => group.hosts.map(({ name }) => name)), real.host.name];
  await Promise.all([real.daemon.kill(), ...killed.map((group) => group.kill())]);
  ledger.silence(names);
  await eventually("the killed are known to be gone", () => list.shows(names, HostState.UNREACHABLE), 30_000);
  // All the while it is asked, and must name every host: these pauses are what is tested, and wait for nothing.
  await delay(1000);
  ledger.isAnswererFaulted = true;
  await aggregator.kill();
  await aggregator.start();
  await delay(1500);
  ledger.release(names);
  await Promise.all([real.daemon.start(), ...killed.map((group) => group.start())]);
  const servedAtMs = performance.now();
  await allLive({ hosts: [...fleet.hosts, real.host] }, list);
  ledger.isAnswererFaulted = false;
  return names.map((name) => (list.firstMs(name, HostState.LIVE, servedAtMs) ?? Number.NaN) - servedAtMs);
}

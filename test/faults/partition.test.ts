/** P1: packets between the aggregator and some of its hosts are lost, one way and both ways. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { HostState } from "@mosaic/wire";
import { tellAll } from "../mesh/tell-all.ts";
import { converged } from "./convergence.ts";
import type { ExpectedHost } from "./expected-host.ts";
import { allLive, assertClean, isLong, newFindings, publish, spread } from "./experiment.ts";
import { evenly, startFaultFleet } from "./fault-fleet.ts";
import { type CutWay, netObstacle } from "./fault-net.ts";
import { ListProbe } from "./list-probe.ts";
import { WatchProbe } from "./watch-probe.ts";

const CUT_MS = isLong ? 60_000 : 15_000;
const HOSTS = isLong ? 100 : 20;
const WAYS: readonly CutWay[] = ["both", "from", "to"];

test(
  `P1: three quarters of ${HOSTS} hosts are cut off for ${CUT_MS / 1000} s, in three ways, and nobody is missing`,
  { skip: netObstacle() ?? false, timeout: 300_000 },
  tellAll(async (context) => {
    await using fleet = await startFaultFleet({ groups: evenly(HOSTS, 2), agents: 4 });
    const findings = newFindings();
    const connect = () => fleet.aggregator.connect();
    await using list = new ListProbe({ connect, findings, expected: fleet.hosts, ledger: fleet.ledger });
    await using watch = new WatchProbe({ name: "watch", connect, findings });
    await allLive(fleet, list);
    fleet.churn(20);
    const cut = new Map(WAYS.map((way, index) => [way, fleet.hosts.filter((_, at) => at % 4 === index)]));
    for (const [way, hosts] of cut) await fleet.cut(hosts, way);
    const cutAtMs = performance.now();
    await delay(CUT_MS);
    fleet.churn(0);
    const times = new Map([...cut].map(([way, hosts]) => [way, timesOf(list, hosts, cutAtMs)]));
    for (const hosts of cut.values()) await fleet.heal(hosts);
    const convergedMs = Math.round(await converged(fleet, { list, watch }, findings));
    const { queries, unanswered, silentlyMissing } = list;
    publish(context, "P1 partition", {
      ...{ hosts: HOSTS, cutInEachWay: HOSTS / 4, cutS: CUT_MS / 1000, ...Object.fromEntries(times), convergedMs },
      ...{ queries, unanswered, slowestMs: Math.round(list.slowestMs), silentlyMissing },
    });
    assertClean(findings, ["C1", "C2", "C3", "C5"]);
    assert.deepEqual({ silentlyMissing, unanswered }, { silentlyMissing: 0, unanswered: 0 });
    for (const [way, { stale, unreachable }] of times) {
      assert.ok(stale.n === HOSTS / 4 && stale.max < 14_000, `${way}: STALE after ${stale.max} ms`);
      assert.ok(unreachable.n === HOSTS / 4 && unreachable.max < 19_000, `${way}: UNREACHABLE after ${unreachable.max} ms`);
    }
  }),
);

function timesOf(list: ListProbe, hosts: readonly ExpectedHost[], sinceMs: number) {
  const times = (state: HostState) => hosts.flatMap(({ name }) => list.firstMs(name, state, sinceMs) ?? []);
  const taken = (state: HostState) => times(state).map((atMs) => atMs - sinceMs);
  const stale = taken(HostState.STALE);
  const unreachable = taken(HostState.UNREACHABLE);
  return { stale: { n: stale.length, ...spread(stale) }, unreachable: { n: unreachable.length, ...spread(unreachable) } };
}

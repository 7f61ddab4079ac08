/** P11: three levels of aggregators whose middle dies, and a loop among them. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { tellAll } from "../mesh/tell-all.ts";
import { type AggregatorChain, startAggregatorChain } from "./aggregator-chain.ts";
import { converged } from "./convergence.ts";
import { allLive, assertClean, isLong, newFindings, publish } from "./experiment.ts";
import { netObstacle } from "./fault-net.ts";
import { ListProbe } from "./list-probe.ts";
import { WatchProbe } from "./watch-probe.ts";

const HOSTS_OF_EACH = isLong ? 25 : 5;
const ROUNDS = isLong ? 5 : 1;
/** How long what was told has to stay so. */
const SETTLED_MS = isLong ? 20_000 : 3000;

test(
  "P11: the middle of three levels dies, and a loop is configured; every host stays named, once",
  { skip: netObstacle() ?? false, timeout: 600_000 },
  tellAll(run),
);

async function run(context: TestContext): Promise<void> {
  await using chain = await startAggregatorChain(HOSTS_OF_EACH, 4);
  const findings = newFindings();
  const connect = () => chain.aggregators.top.connect();
  await heardOnce(chain);
  // Nobody can know who is behind an aggregator that was never heard: until then its name stands in.
  const claims = { expected: chain.hosts, ledger: chain.ledger, hops: 3, standIns: ["top"] };
  await using list = new ListProbe({ connect, findings, ...claims });
  await using watch = new WatchProbe({ name: "watch", connect, findings });
  await allLive(chain, list);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const lostMs = await middleDies(chain, list);
    rounds.push({ lostMs, ...(await middleIsBack(chain, () => converged(chain, { list, watch }, findings))) });
  }
  const loop = await looped(chain, list);
  await chain.loop(false);
  const convergedMs = Math.round(await converged(chain, { list, watch }, findings));
  const { queries, unanswered, silentlyMissing } = list;
  publish(context, "P11 chain and loop", {
    ...{ levels: 3, hosts: chain.hosts.length, rounds, loop, convergedWithoutLoopMs: convergedMs },
    ...{ resets: watch.record.resets, resumes: watch.record.resumes, queries, unanswered, silentlyMissing },
  });
  assertClean(findings, ["C1", "C2", "C3", "C5"]);
  assert.equal(silentlyMissing, 0);
}

async function heardOnce({ aggregators, hosts }: AggregatorChain): Promise<void> {
  await using connection = aggregators.top.connect();
  const isHeard = async () =>
    (await connection.client.list({})).hosts.filter((host) => host.hostId !== "").length === hosts.length;
  await eventually("the top has heard of every host", isHeard, 60_000);
}

/** @returns how long until the top showed each host behind it as lost, in ms */
async function middleDies({ aggregators, hosts, ledger }: AggregatorChain, list: ListProbe): Promise<number> {
  const names = hosts.map(({ name }) => name);
  const killedAtMs = performance.now();
  await aggregators.middle.kill();
  ledger.silence(names);
  await eventually("every host behind it is lost", () => list.shows(names, HostState.UNREACHABLE), 30_000);
  const lostMs = Math.round(performance.now() - killedAtMs);
  await delay(SETTLED_MS);
  // Begun anew, the top has heard of none of them in this life, and names them all the same.
  ledger.isAnswererFaulted = true;
  await aggregators.top.kill();
  await aggregators.top.start();
  const queries = list.queries;
  await eventually("it is asked some more", () => list.queries > queries + 20, 30_000);
  assert.ok(list.shows(names, HostState.UNREACHABLE), "a host behind the dead one is not told as lost");
  return lostMs;
}

async function middleIsBack({ aggregators, hosts, ledger }: AggregatorChain, settle: () => Promise<number>) {
  ledger.release(hosts.map(({ name }) => name));
  await aggregators.middle.start();
  const convergedMs = Math.round(await settle());
  ledger.isAnswererFaulted = false;
  return { convergedMs };
}

/** A leaf takes the top for a member: hosts that die must not live on as the loop's own echo. */
async function looped(chain: AggregatorChain, list: ListProbe) {
  const { aggregators, groups, ledger } = chain;
  await chain.loop(true);
  await using leaf = aggregators["leaf-a"].connect();
  const told = await eventually(
    "the loop is told",
    async () => (await leaf.client.list({})).conditions.find(({ type }) => type === "AGGREGATOR_LOOP")?.message,
    30_000,
  );
  await delay(SETTLED_MS);
  await allLive(chain, list);
  const names = groups[0].hosts.map(({ name }) => name);
  const killedAtMs = performance.now();
  await groups[0].kill();
  ledger.silence(names);
  await eventually("the dead are told as dead", () => list.shows(names, HostState.UNREACHABLE), 60_000);
  const lostMs = Math.round(performance.now() - killedAtMs);
  await delay(SETTLED_MS);
  assert.ok(list.shows(names, HostState.UNREACHABLE), "a dead host came back by the loop");
  ledger.release(names);
  await groups[0].start();
  return { told, lostMs };
}

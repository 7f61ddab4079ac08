/** Everything at once: hosts are cut off, stopped and killed by chance, and so is the aggregator, while it is asked without a pause. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pick, seededRandom } from "@mosaic/testkit";
import { tellAll } from "../mesh/tell-all.ts";
import { converged } from "./convergence.ts";
import { allLive, assertClean, isLong, newFindings, publish } from "./experiment.ts";
import { evenly, type FaultFleet, startFaultFleet } from "./fault-fleet.ts";
import type { CutWay } from "./fault-net.ts";
import { netObstacle } from "./fault-net.ts";
import type { HostGroup } from "./host-group.ts";
import { ListProbe } from "./list-probe.ts";
import { leakedHandlers, liveStreams } from "./released.ts";
import { WatchProbe } from "./watch-probe.ts";

/** The long form goes on until that many questions were answered while something was faulted. */
const QUERIES = Number(process.env["MOSAIC_TEST_QUERIES"] ?? (isLong ? 100_000 : 200));
const LEAST_MS = 12_000;
const STEP_MS = isLong ? 2500 : 1000;
const MOST_MS = isLong ? 1_500_000 : 60_000;
const SEED = Number(process.env["MOSAIC_TEST_SEED"] ?? 20_261_121);
const HOSTS = 24;
const GROUPS = 6;

test(
  `a storm of faults over ${HOSTS} hosts, seed ${SEED}: no row is ever missing without a word`,
  { skip: netObstacle() ?? false, timeout: MOST_MS + 120_000 },
  tellAll(run),
);

async function run(context: TestContext): Promise<void> {
  await using fleet = await startFaultFleet({ groups: evenly(HOSTS, GROUPS), agents: 3 });
  const findings = newFindings();
  const connect = () => fleet.aggregator.connect();
  const pace = isLong ? { lanes: 4, everyMs: 0 } : { everyMs: 20 };
  await using list = new ListProbe({ connect, findings, expected: fleet.hosts, ledger: fleet.ledger, ...pace });
  await using watch = new WatchProbe({ name: "watch", connect, findings });
  await allLive(fleet, list);
  fleet.churn(20);
  const startedAtMs = performance.now();
  const storm = new Storm(fleet, seededRandom(SEED));
  const isOver = () => {
    const tookMs = performance.now() - startedAtMs;
    return tookMs > MOST_MS || (tookMs > LEAST_MS && list.faultedQueries >= QUERIES);
  };
  while (!isOver()) await storm.step();
  await storm.calm();
  const stormS = Math.round((performance.now() - startedAtMs) / 1000);
  fleet.churn(0);
  const convergedMs = Math.round(await converged(fleet, { list, watch }, findings));
  await using own = connect();
  const kept = { List: 0, Watch: 1, leaked: 0 };
  const leaked = await leakedHandlers(own.client, { ...(await liveStreams(own.client)), ...kept }, findings);
  const { queries, faultedQueries, unanswered, silentlyMissing } = list;
  publish(context, "storm", {
    ...{ hosts: HOSTS, seed: SEED, stormS, faults: storm.counts, queries, faultedQueries, unanswered, silentlyMissing },
    ...{
      slowestMs: Math.round(list.slowestMs),
      oldestLiveMs: list.oldestLiveMs,
      convergedMs,
      leaked,
      resets: watch.record.resets,
      resumes: watch.record.resumes,
    },
    ...{ frames: watch.frames, looks: findings.looks },
  });
  assertClean(findings, ["C1", "C2", "C3", "C5", "C7"]);
  assert.deepEqual({ silentlyMissing, leaked }, { silentlyMissing: 0, leaked: 0 });
  assert.ok(faultedQueries >= QUERIES, `only ${faultedQueries} questions were answered during faults`);
}

type Fault = "cut" | "stop" | "kill" | "stop the aggregator" | "kill the aggregator";

/** Faults by chance: at each step something is broken, or mended. */
class Storm {
  readonly #fleet: FaultFleet;
  readonly #random: () => number;
  /** Groups that are broken now, and how they are mended. */
  readonly #broken = new Map<HostGroup, () => Promise<void>>();
  readonly counts: Record<Fault, number> = { cut: 0, stop: 0, kill: 0, "stop the aggregator": 0, "kill the aggregator": 0 };

  constructor(fleet: FaultFleet, random: () => number) {
    this.#fleet = fleet;
    this.#random = random;
  }

  async step(): Promise<void> {
    const random = this.#random;
    if (random() < 0.15) await this.#hitAggregator();
    else await this.#hitOrMend(pick(this.#fleet.groups, random));
    // How long is a matter of chance: some pauses pass unnoticed, some are longer than every bound.
    await delay(200 + STEP_MS * random());
  }

  /** Mends whatever is broken. */
  async calm(): Promise<void> {
    for (const group of [...this.#broken.keys()]) await this.#mend(group);
  }

  async #mend(group: HostGroup): Promise<void> {
    const mend = this.#broken.get(group);
    this.#broken.delete(group);
    this.#fleet.ledger.release(group.hosts.map(({ name }) => name));
    await mend?.();
  }

  async #hitOrMend(group: HostGroup): Promise<void> {
    if (this.#broken.has(group)) return await this.#mend(group);
    const fault = pick(["cut", "stop", "kill"] as const, this.#random);
    this.counts[fault] += 1;
    if (fault === "cut") await this.#cut(group, pick(["both", "from", "to"] as const, this.#random));
    else await this.#halt(group, fault);
  }

  async #cut(group: HostGroup, way: CutWay): Promise<void> {
    await this.#fleet.cut(group.hosts, way);
    this.#broken.set(group, () => this.#fleet.heal(group.hosts));
  }

  async #halt(group: HostGroup, fault: "stop" | "kill"): Promise<void> {
    if (fault === "stop") group.signal("SIGSTOP");
    else await group.kill();
    this.#fleet.ledger.silence(group.hosts.map(({ name }) => name));
    this.#broken.set(group, async () => {
      if (fault === "stop") group.signal("SIGCONT");
      else await group.start();
    });
  }

  async #hitAggregator(): Promise<void> {
    const { aggregator, ledger } = this.#fleet;
    const fault = pick(["stop the aggregator", "kill the aggregator"] as const, this.#random);
    this.counts[fault] += 1;
    ledger.isAnswererFaulted = true;
    if (fault === "kill the aggregator") {
      await aggregator.kill();
      await aggregator.start();
    } else {
      aggregator.signal("SIGSTOP");
      await delay(5000 * this.#random());
      aggregator.signal("SIGCONT");
    }
    ledger.isAnswererFaulted = false;
  }
}

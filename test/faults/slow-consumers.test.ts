/** P4: Watch clients that read 1 kB a second, or nothing, beside healthy ones. In the long form also beside as many as those that read,
 *  reading as fast as they are sent something: what they cost is the price of so many readers, and none of slowness. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { HostState } from "@mosaic/wire";
import { percentile } from "../bench/figures.ts";
import { processUse } from "../bench/process-figures.ts";
import { tellAll } from "../mesh/tell-all.ts";
import type { Finding } from "../simulation/findings.ts";
import { ChildProgram } from "./child-program.ts";
import { allLive, assertClean, isLong, newFindings, publish, spread } from "./experiment.ts";
import { startFaultFleet } from "./fault-fleet.ts";
import { netObstacle } from "./fault-net.ts";
import { ListProbe } from "./list-probe.ts";
import { leakedHandlers, liveStreams } from "./released.ts";

const SLOW = 100;
const HEALTHY = isLong ? 100 : 30;
const ROUNDS = isLong ? 6 : 2;
const ROUND_MS = isLong ? 15_000 : 3000;
const CHANGES_PER_SECOND = 5;
/** What so many new readers are sent at first is no part of what they cost as they go on. */
const SETTLE_MS = isLong ? 5000 : 1000;

interface WatchersAnswer {
  readonly latenciesMs: readonly number[];
  readonly found: readonly Finding[];
  readonly streams: readonly number[];
}

test(
  `P4: ${SLOW} slow and stuck watchers beside ${HEALTHY} healthy ones`,
  { skip: netObstacle() ?? false, timeout: 600_000 },
  tellAll(async (context) => {
    await using fleet = await startFaultFleet({ groups: [20], agents: 20 });
    const findings = newFindings();
    await using list = new ListProbe({
      connect: () => fleet.aggregator.connect(),
      findings,
      expected: fleet.hosts,
      ledger: fleet.ledger,
      everyMs: 200,
    });
    await allLive(fleet, list);
    await using healthy = await ChildProgram.start("watchers-program.ts", fleet.aggregator.socketPath, String(HEALTHY));
    await using own = fleet.aggregator.connect();
    const before = await liveStreams(own.client);
    fleet.churn(CHANGES_PER_SECOND);
    // What begins is no part of what is compared.
    await delay(2000);
    const { pid } = fleet.aggregator;
    const [without, beside, control] = [new Samples(pid), new Samples(pid), new Samples(pid)];
    const rssKiB: number[] = [];
    let leaked = 0;
    // In turn, so that what else happens on the machine happens to both.
    for (let round = 0; round < ROUNDS; round += 1) {
      await without.take(healthy);
      const rssBeforeKiB = processUse(pid).rssKiB;
      await using slow = await ChildProgram.start("slow-watchers-program.ts", fleet.aggregator.socketPath, String(SLOW));
      await delay(SETTLE_MS);
      assert.equal((await liveStreams(own.client))["Watch"], HEALTHY + SLOW);
      await beside.take(healthy);
      rssKiB.push(processUse(pid).rssKiB - rssBeforeKiB);
      await slow[Symbol.asyncDispose]();
      leaked += await leakedHandlers(own.client, before, findings);
      if (!isLong) continue;
      await using more = await ChildProgram.start(
        "slow-watchers-program.ts",
        fleet.aggregator.socketPath,
        String(SLOW / 2),
        "reading",
      );
      await delay(SETTLE_MS);
      await control.take(healthy);
      await more[Symbol.asyncDispose]();
      leaked += await leakedHandlers(own.client, before, findings);
    }
    const { found, streams } = await healthy.ask<WatchersAnswer>();
    const change = (share: number, { latenciesMs } = beside) =>
      Math.round(100 * (percentile(latenciesMs, share) / percentile(without.latenciesMs, share) - 1));
    publish(context, "P4 slow consumers", {
      ...{ slow: SLOW, healthy: HEALTHY, rounds: ROUNDS, roundS: ROUND_MS / 1000, changesPerSecond: CHANGES_PER_SECOND },
      ...{ without: without.figures(), beside: beside.figures() },
      ...(isLong && {
        control: control.figures(),
        controlP50Percent: change(0.5, control),
        controlP99Percent: change(0.99, control),
      }),
      ...{ p50ChangePercent: change(0.5), p99ChangePercent: change(0.99), rssGrowthKiB: rssKiB.map(Math.round), leaked },
      silentlyMissing: list.silentlyMissing,
    });
    assertClean(findings, ["C1", "C2", "C7"]);
    assert.deepEqual({ found, leaked, silentlyMissing: list.silentlyMissing }, { found: [], leaked: 0, silentlyMissing: 0 });
    assert.ok(
      streams.every((count) => count === 1),
      "a healthy watcher had to come back",
    );
    assert.ok(
      list.shows(
        fleet.hosts.map(({ name }) => name),
        HostState.LIVE,
      ),
    );
    assert.ok(without.latenciesMs.length > 100 && beside.latenciesMs.length > 100, "too few changes to prove anything");
    // Half a MiB each is the promise; the rest is what the heap of a process that works may do.
    assert.ok(Math.max(...rssKiB) < SLOW * 512 + 100_000, `it grew by ${Math.max(...rssKiB)} KiB`);
    assert.ok(
      percentile(beside.latenciesMs, 0.5) < 10 * percentile(without.latenciesMs, 0.5) + 100,
      "healthy watchers suffer from slow ones",
    );
  }),
);

/** What healthy watchers saw in all rounds of one kind, and what the aggregator did meanwhile. */
class Samples {
  readonly latenciesMs: number[] = [];
  /** The p99 of each round: how much it varies by itself. */
  readonly #p99s: number[] = [];
  readonly #pid: number;
  #cpuMs = 0;
  #spanMs = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  async take(healthy: ChildProgram): Promise<void> {
    await healthy.ask();
    const [cpuMs, startedMs] = [processUse(this.#pid).cpuMs, performance.now()];
    await delay(ROUND_MS);
    this.#cpuMs += processUse(this.#pid).cpuMs - cpuMs;
    this.#spanMs += performance.now() - startedMs;
    const { latenciesMs } = await healthy.ask<WatchersAnswer>();
    this.latenciesMs.push(...latenciesMs);
    this.#p99s.push(Math.round(percentile(latenciesMs, 0.99)));
  }

  figures(): Readonly<Record<string, unknown>> {
    const aggregatorCpuPercent = Math.round((1000 * this.#cpuMs) / this.#spanMs) / 10;
    return { n: this.latenciesMs.length, ...spread(this.latenciesMs), p99OfRounds: this.#p99s, aggregatorCpuPercent };
  }
}

/** A simulated fleet for people: `npm run sim -- --hosts 1000 --churn 5/s --faults down=6/m --seed 7`, or with --help. */
import { MosaicError } from "@mosaic/core";
import { type PlannedFault, planFaults } from "./fault-plan.ts";
import { processUse } from "./process-figures.ts";
import { parseSimFlags, type SimFlags, simHelp } from "./sim-flags.ts";
import { type Sight, SimWatcher } from "./sim-watcher.ts";
import { allLive, type SimulatedAggregator, type SimulatedFleet, startSimulatedFleet } from "./simulated-fleet.ts";
import { fingerprint } from "./simulated-hosts.ts";

const LOOK_MS = 1000;
/** How soon all must be LIVE and the rows the hosts' own once nothing fails any more, in ms. */
const HEAL_MS = 60_000;

async function main(argv: readonly string[]): Promise<number> {
  const flags = parseSimFlags(argv);
  if (flags.isHelp) {
    process.stdout.write(simHelp);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(new Error("interrupted")));
  say(`${flags.hosts} hosts with ${flags.agents} agents each, seed ${flags.seed}; Ctrl-C ends it`);
  await using fleet = await startSimulatedFleet(flags.hosts, flags.agents);
  await using aggregator = await fleet.startAggregator();
  await allLive(aggregator, flags.hosts, stop.signal);
  say(`all LIVE ${Math.round(performance.now() - aggregator.startedAtMs)} ms after the aggregator's start`);
  await using watcher = new SimWatcher(aggregator, flags.hosts);
  const missing = await live(fleet, aggregator, watcher, flags, stop.signal);
  say(`${missing} hosts were missing from an answer`);
  // A Ctrl-C in a terminal ends the aggregator too: there is nobody left to compare with.
  if (stop.signal.aborted) return missing === 0 ? 0 : 1;
  const isTrue = await heal(fleet, aggregator, watcher);
  say(isTrue ? "the aggregator knows what the hosts know" : "the aggregator's rows are not the hosts' own");
  return missing === 0 && isTrue ? 0 : 1;
}

/** Lets the fleet live until its time is over. @returns how many hosts were missing from answers, all together */
async function live(
  fleet: SimulatedFleet,
  { pid }: SimulatedAggregator,
  watcher: SimWatcher,
  flags: SimFlags,
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  const troubles = new Troubles(fleet, planFaults(flags.faultsPerSecond, flags.hosts, flags.seed));
  fleet.order({ kind: "churn", perSecond: flags.churnPerSecond, seed: flags.seed });
  let missing = 0;
  let before = processUse(pid);
  let beforeMs = startMs;
  while (!signal.aborted && performance.now() - startMs < (flags.forMs ?? Infinity)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const nowMs = performance.now();
    troubles.until(nowMs - startMs);
    const sight = await watcher.look().catch((thrown: unknown) => {
      if (!signal.aborted) throw thrown;
    });
    if (!sight) break;
    const use = processUse(pid);
    missing += sight.missing;
    show(flags, nowMs - startMs, sight, troubles.count, (100 * (use.cpuMs - before.cpuMs)) / (nowMs - beforeMs), use.rssKiB);
    before = use;
    beforeMs = nowMs;
  }
  fleet.order({ kind: "churn", perSecond: 0, seed: flags.seed });
  troubles.endAll();
  return missing;
}

/** @returns true when every host is LIVE and the aggregator's rows are the hosts' own before the time is over */
async function heal(fleet: SimulatedFleet, aggregator: SimulatedAggregator, watcher: SimWatcher): Promise<boolean> {
  say("nothing changes or fails any more");
  const endMs = performance.now() + HEAL_MS;
  while (performance.now() < endMs) {
    const { hosts, agents } = await watcher.list();
    const areLive = hosts.every(({ code }) => code === "") && hosts.length === fleet.hostCount;
    if (areLive && fingerprint(agents) === (await fleet.tally()).fingerprint) {
      await allLive(aggregator, fleet.hostCount);
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

/** Brings on what was planned when its time has come, and ends it. */
class Troubles {
  readonly #fleet: SimulatedFleet;
  readonly #plan: Iterator<PlannedFault>;
  readonly #endsAtMs = new Map<number, number>();
  #next: PlannedFault | undefined;

  constructor(fleet: SimulatedFleet, plan: Iterator<PlannedFault>) {
    this.#fleet = fleet;
    this.#plan = plan;
    this.#next = plan.next().value;
  }

  /** Hosts that something is wrong with now. */
  get count(): number {
    return this.#endsAtMs.size;
  }

  until(nowMs: number): void {
    for (; this.#next && this.#next.atMs <= nowMs; this.#next = this.#plan.next().value) {
      const { host, fault, atMs, forMs } = this.#next;
      this.#fleet.order({ kind: "fault", host, fault });
      this.#endsAtMs.set(host, atMs + forMs);
    }
    for (const [host, endMs] of this.#endsAtMs) if (endMs <= nowMs) this.#end(host);
  }

  endAll(): void {
    for (const host of this.#endsAtMs.keys()) this.#end(host);
  }

  #end(host: number): void {
    this.#fleet.order({ kind: "fault", host, fault: "none" });
    this.#endsAtMs.delete(host);
  }
}

function show({ isJson }: SimFlags, atMs: number, sight: Sight, troubled: number, cpuPercent: number, rssKiB: number): void {
  const seconds = Math.round(atMs / 1000);
  if (isJson) return console.log(JSON.stringify({ seconds, ...sight, troubled, cpuPercent: Math.round(cpuPercent), rssKiB }));
  const states = Object.entries(sight.hosts).map(([state, count]) => `${count} ${state}`);
  const latency = sight.changeP99Ms === undefined ? "" : ` (p50 ${ms(sight.changeP50Ms)}, p99 ${ms(sight.changeP99Ms)})`;
  console.log(
    [
      `${String(seconds).padStart(4)} s  ${states.join(", ")}; ${troubled} troubled; ${sight.missing} missing`,
      `${sight.rows} rows, ${sight.changes} changes${latency}`,
      `list ${ms(sight.listMs)}`,
      `aggregator ${cpuPercent.toFixed(1)} % of a core, ${Math.round(rssKiB / 1024)} MiB`,
    ].join(" | "),
  );
}

function ms(value: number | undefined): string {
  return value === undefined ? "-" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function say(line: string): void {
  process.stderr.write(`sim: ${line}\n`);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`sim: ${error.message}\n`);
  if (error instanceof MosaicError && error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`);
  return error instanceof MosaicError && error.code === "USAGE" ? 2 : 1;
});

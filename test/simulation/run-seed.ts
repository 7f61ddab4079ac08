import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { seededRandom } from "@mosaic/testkit";
import { ListRequestSchema } from "@mosaic/wire";
import { notConverged, notEnded, notReleased } from "./end-checks.ts";
import type { Finding, Findings } from "./findings.ts";
import { History } from "./history.ts";
import { healWorld, performStep } from "./perform-step.ts";
import { planSteps, planTopology } from "./plan.ts";
import { World } from "./world.ts";

/** What one seed showed. */
export interface SeedResult {
  readonly seed: number;
  readonly found: readonly Finding[];
  readonly looks: Findings["looks"];
  readonly counts: { readonly answers: number; readonly events: number; readonly frames: number; readonly standIns: number };
  /** Time from the end of all faults until everybody showed the fleet as it is, in ms of the world. */
  readonly convergedMs: number;
  /** Of the history; only where it was kept. */
  readonly hash: string;
  readonly history: readonly string[];
}

/** Everybody must show the fleet as it is this long after all is well, in ms of the world. */
const CONVERGE_WITHIN_MS = 60_000;
/** Few, so that there can be many seeds. */
const STEPS = 20;

/** Runs the simulated fleet of one seed from its start to its end. The same seed goes the same way, always. */
export async function runSeed(seed: number, options: { readonly isHistoryKept: boolean }): Promise<SeedResult> {
  const random = seededRandom(seed);
  const history = new History(options.isHistoryKept);
  const topology = planTopology(random);
  const steps = planSteps(random, STEPS);
  history.note(() => JSON.stringify(topology));
  const world = new World(topology, random, history);
  const platformRandom = Math.random;
  // Whoever takes chance from the platform gets it from the seed.
  Math.random = random;
  let convergedMs = 0;
  try {
    await world.startAll();
    for (const step of steps)
      world.time.at(step.atMs, () => {
        const done = performStep(world, step);
        history.note(() => `${step.atMs} ${done}`);
      });
    const endMs = (steps.at(-1)?.atMs ?? 0) + 500;
    while (world.time.nowMs < endMs && world.findings.found.length === 0) {
      await world.time.runUntil(Math.min(endMs, world.time.nowMs + random() * 1500));
      await askAll(world);
    }
    convergedMs = await settle(world);
    if (world.findings.found.length === 0) await leave(world);
  } catch (thrown) {
    world.findings.look("C5", thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  } finally {
    for (const aggregator of world.aggregators.values()) aggregator.bury();
    for (const watcher of world.watchers) watcher.leave();
    await nextTurn();
    Math.random = platformRandom;
  }
  const { answers, frames } = world.counts;
  const counts = { answers, frames, events: world.time.count, standIns: world.shown.standIns };
  const { found, looks } = world.findings;
  return { seed, found, looks, counts, convergedMs, hash: history.hash(), history: history.lines };
}

async function askAll(world: World): Promise<void> {
  for (const aggregator of world.aggregators.values()) await world.ask(aggregator, create(ListRequestSchema));
}

/** Heals everything and waits until all is shown as it is. @returns how long that took */
async function settle(world: World): Promise<number> {
  await healWorld(world);
  const fromMs = world.time.nowMs;
  world.history.note(() => `${Math.round(fromMs)} all is well`);
  let wrong: string | undefined = "";
  while (world.findings.found.length === 0) {
    await world.time.runUntil(world.time.nowMs + 500);
    wrong = await notConverged(world);
    if (wrong === undefined || world.time.nowMs - fromMs > CONVERGE_WITHIN_MS) break;
  }
  if (world.findings.found.length === 0) world.findings.look("C5", wrong);
  const { divergence } = world.watchers.find((watcher) => watcher.divergence !== undefined) ?? {};
  if (divergence !== undefined && world.losses === 0) world.findings.look("C3", `a watcher's view diverged: ${divergence}`);
  return world.time.nowMs - fromMs;
}

/** Lets everyone leave, and looks at what stays behind. */
async function leave(world: World): Promise<void> {
  // Questions that were asked before all was well have 6 s at most.
  await world.time.runUntil(Math.max(world.time.nowMs, world.lastQuestionMs + 7000));
  for (const watcher of world.watchers) watcher.leave();
  const aggregators = [...world.aggregators.values()];
  for (const aggregator of aggregators) void aggregator.stop();
  await nextTurn();
  // Time for messages under way, and too little for timers to do what a signal should.
  await world.time.runUntil(world.time.nowMs + 2 * world.network.maxDelayMs + 50);
  await nextTurn();
  for (const aggregator of aggregators) world.findings.look("C7", notEnded(aggregator));
  world.findings.look("C7", notReleased(world));
}

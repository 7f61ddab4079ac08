/** Measures one simulated fleet of the size given as its argument, three levels of aggregators over it, and prints what it took as
 *  one line of JSON. A process of its own, so that nothing of another size is in it. */
import { PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { installModuleHooks } from "./module-hooks.ts";

/** Processor time in ms: the work itself, and what collecting garbage took besides, as far as that can be told. */
export interface Cost {
  readonly workMs: number;
  readonly garbageMs: number;
}

/** What a fleet of one size took, in this process. */
export interface ScaleFigures {
  readonly hosts: number;
  /** From the start until the top shows every host with all its rows. */
  readonly start: Cost;
  /** Of `IDLE_MS` in which nothing changes. */
  readonly idle: Cost;
  /** Of one changed row per host, until the top shows them all. */
  readonly change: Cost;
  readonly heapKiB: number;
}

const AGENTS = 8;
const HOSTS_PER_LOW = 100;
const LOWS_PER_MID = 10;
const IDLE_MS = 15_000;

installModuleHooks([]);
const { seededRandom } = await import("@mosaic/testkit");
const { History } = await import("./history.ts");
const { World } = await import("./world.ts");
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
Error.stackTraceLimit = 0;

const hosts = Number(process.argv[2]);
const lows = Array.from({ length: hosts / HOSTS_PER_LOW }, (_, index) => ({
  name: `low${index}`,
  level: 1,
  members: Array.from({ length: HOSTS_PER_LOW }, (_each, host) => `n${index * HOSTS_PER_LOW + host}`),
}));
const mids = Array.from({ length: lows.length / LOWS_PER_MID }, (_, index) => ({
  name: `mid${index}`,
  level: 2,
  members: lows.slice(index * LOWS_PER_MID, (index + 1) * LOWS_PER_MID).map(({ name }) => name),
}));
const top = { name: "top", level: 3, members: mids.map(({ name }) => name) };
const nodes = Array.from({ length: hosts }, (_, index) => ({ name: `n${index}`, tenantId: "team-a", agents: AGENTS }));
const topology = {
  nodes,
  aggregators: [...lows, ...mids, top],
  watchers: [{ name: "w", target: "top" }],
  // As nobody sets it.
  logCapacity: 0,
  maxDelayMs: 3,
};

const world = new World(topology, seededRandom(1), new History(false), { isChecked: false });
// Not to measure how long small windows take.
world.network.windowFrames = 4096;
collect();
const emptyKiB = heapKiB();

let garbageMs = 0;
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) garbageMs += duration;
});
observer.observe({ entryTypes: ["gc"] });

async function costOf(work: () => Promise<void>): Promise<Cost> {
  // What is collected is told a turn later.
  await nextTurns();
  garbageMs = 0;
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  // Collections are told by the wall clock, which also runs while others have the processor: the same share of both was ours.
  const share = Math.min(1, cpuMs / (performance.now() - startedAtMs));
  await nextTurns();
  return { workMs: cpuMs - garbageMs * share, garbageMs: garbageMs * share };
}

function nextTurns(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

function heapKiB(): number {
  return process.memoryUsage().heapUsed / 1024;
}

async function until(isThere: () => boolean): Promise<void> {
  for (const endMs = world.time.nowMs + 120_000; !isThere(); ) {
    if (world.time.nowMs > endMs) throw new Error(`not there after ${world.time.nowMs} ms`);
    await world.time.runUntil(world.time.nowMs + 100);
  }
}

const view = () => world.watchers[0]?.view.state;
const start = await costOf(async () => {
  await world.startAll();
  await until(() => view()?.rowCount === hosts * AGENTS && view()?.hostCount === hosts);
});
collect();
const usedKiB = heapKiB() - emptyKiB;
const idle = await costOf(() => world.time.runUntil(world.time.nowMs + IDLE_MS));
let changed = 0;
for (const node of world.nodes.values()) world.time.after(world.random() * 1000, () => node.change("a1"));
const change = await costOf(async () => {
  const before = new Map(
    view()
      ?.agents()
      .map((row) => [row.host + row.name, row.sessionId]),
  );
  const endMs = world.time.nowMs + 20_000;
  while (changed < hosts && world.time.nowMs < endMs) {
    await world.time.runUntil(world.time.nowMs + 500);
    changed =
      view()
        ?.agents()
        .filter((row) => before.get(row.host + row.name) !== row.sessionId).length ?? 0;
  }
});
const wrong = world.findings.found[0]?.what ?? world.watchers[0]?.divergence;
if (wrong !== undefined) throw new Error(wrong);
if (changed !== hosts) throw new Error(`only ${changed} of ${hosts} changes arrived`);
const figures: ScaleFigures = { hosts, start, idle, change, heapKiB: usedKiB };
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));

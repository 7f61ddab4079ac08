/** What a host with 200 agents costs: a real mosaic-node over real tmux sessions, with 13 heartbeat files replaced each second.
 *  Idle CPU and memory against a bare Node that watches the same folder, once its log of changes is as long as it gets (else
 *  after 20 minutes); `fleet ps` against the command's own start; processes started (counted by strace) against a fleet of 20;
 *  and the time from a death to its row. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectFleet } from "@mosaic/rpc";
import { AgentState } from "@mosaic/wire";
import { percentile, report, spreadOf } from "./figures.ts";
import { type IdleFleet, startIdleFleet } from "./host-200-fleet.ts";

const AGENTS = 200;
const FEW_AGENTS = 20;
/** A log keeps 8,192 changes, and up to as many more until it forgets them all at once. */
const LONGEST_LOG = 16_384;
const IDLE_MS = 30_000;
/** The start and the flood of heartbeats are over, and what they compiled and allocated is behind the node. */
const SETTLE_MS = 30_000;
const RUNS = 15;
const DEATHS = 30;
const REFRESHES = 20;

const root = join(import.meta.dirname, "../..");
const nodeProgram = join(root, "packages/node/bin/mosaic-node.mjs");
const cli = join(root, "packages/cli/bin/mosaic.mjs");
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function startNodeProgram(fleet: IdleFleet, wrapper: readonly string[] = []): Promise<ChildProcess> {
  const [program = "", ...args] = [...wrapper, process.execPath, nodeProgram, "--log-level", "error"];
  // As its unit starts it.
  const env = { ...fleet.env, MALLOC_ARENA_MAX: "2" };
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  while (!existsSync(fleet.socketPath)) {
    if (child.exitCode !== null) throw new Error(`mosaic-node ended with ${child.exitCode}`);
    await pause(20);
  }
  return child;
}

async function stopProgram(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

/** Nanoseconds that all threads of a process have run. */
function cpuNs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]), 0);
}

function rssKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

async function idle(pids: readonly number[]): Promise<{ percent: number; rssKiB: number }[]> {
  await pause(SETTLE_MS);
  const before = pids.map(cpuNs);
  const startMs = performance.now();
  await pause(IDLE_MS);
  const elapsedMs = performance.now() - startMs;
  return pids.map((pid, index) => ({
    percent: (100 * (cpuNs(pid) - (before[index] ?? 0))) / 1e6 / elapsedMs,
    rssKiB: rssKiB(pid),
  }));
}

/** Brings on about as many changes as a log can hold. The node reads heartbeat files once per second. */
async function fillLog(fleet: IdleFleet): Promise<void> {
  for (let changes = 0; changes < LONGEST_LOG; changes += AGENTS) {
    fleet.beatAll();
    await pause(1000);
  }
}

async function reportIdle(fleet: IdleFleet, node: ChildProcess): Promise<void> {
  const source = `require("node:fs").watch(${JSON.stringify(join(fleet.socketPath, ".."))}, () => {})`;
  const bare = spawn(process.execPath, ["-e", source], { stdio: "ignore" });
  const [ours, floor] = await idle([node.pid ?? 0, bare.pid ?? 0]);
  await stopProgram(bare);
  if (!ours || !floor) throw new Error("nothing was measured");
  const name = "a bare Node that watches the same folder";
  const common = { n: 1 } as const;
  report({
    ...common,
    name: `idle node of ${AGENTS} agents over ${IDLE_MS / 1000} s, CPU`,
    value: ours.percent,
    unit: "% of a core",
    floor: { name, value: floor.percent },
    goal: "under 1 %",
  });
  report({
    ...common,
    name: `idle node of ${AGENTS} agents, resident memory`,
    value: ours.rssKiB,
    unit: "KiB",
    floor: { name, value: floor.rssKiB },
    goal: "under 117,188 KiB, which is 120 MB",
  });
}

function reportPs(fleet: IdleFleet, whose: string): void {
  const run = (args: readonly string[]): number => {
    const startMs = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: fleet.env, encoding: "utf8" });
    const elapsedMs = performance.now() - startMs;
    if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
    if (args.includes("ps") && !stdout.includes(`${AGENTS} agents on 1 of 1 host`)) throw new Error(`not all there: ${stdout}`);
    return elapsedMs;
  };
  const starts: number[] = [];
  const samples: number[] = [];
  for (let round = 0; round < RUNS + 2; round += 1) {
    starts.push(run([cli, "--version"]));
    samples.push(run([cli, "fleet", "ps"]));
  }
  // The first two rounds warm the file cache.
  report({
    name: `mosaic fleet ps ${whose}, whole process`,
    value: percentile(samples.slice(2), 0.5),
    unit: "ms",
    n: RUNS,
    spread: spreadOf(samples.slice(2)),
    floor: { name: "mosaic --version", value: percentile(starts.slice(2), 0.5) },
    goal: "floor + 150 ms",
  });
}

async function reportDeaths(fleet: IdleFleet): Promise<void> {
  const pids = await fleet.pids();
  const connection = connectFleet({ kind: "unix", path: fleet.socketPath });
  const stop = new AbortController();
  const frames = connection.client.watch({}, { signal: stop.signal })[Symbol.asyncIterator]();
  while ((await frames.next()).value?.frame.case !== "bookmark");
  const samples: number[] = [];
  for (const name of fleet.names.slice(0, DEATHS)) {
    // At any moment of tmux's own round of a second.
    await pause(Math.random() * 1000);
    process.kill(pids.get(name) ?? Number.NaN, "SIGKILL");
    const startMs = performance.now();
    for (;;) {
      const { value, done } = await frames.next();
      if (done) throw new Error("the stream ended");
      const { frame } = value;
      if (frame.case === "delete" && frame.value.name === name) break;
      if (frame.case === "upsert" && frame.value.name === name && frame.value.state === AgentState.DEAD) break;
    }
    samples.push(performance.now() - startMs);
  }
  stop.abort();
  await connection[Symbol.asyncDispose]();
  report({
    name: "an agent's process killed, to its row being dead at a Watch client",
    value: percentile(samples, 0.5),
    unit: "ms",
    n: samples.length,
    spread: spreadOf(samples),
    floor: { name: "half of tmux's own round, without its word of the death", value: 500 },
    goal: "under 1,000 ms",
  });
}

/** Programs that a node and all that it starts have executed, over its start and a number of full looks at the host. */
async function executions(fleet: IdleFleet): Promise<number> {
  const traceFile = join(tmpdir(), `mosaic-bench-${process.pid}.strace`);
  const traced = await startNodeProgram(fleet, ["strace", "-f", "-qq", "-e", "trace=execve", "-o", traceFile]);
  const connection = connectFleet({ kind: "unix", path: fleet.socketPath });
  for (let refresh = 0; refresh < REFRESHES; refresh += 1) await connection.client.list({ live: true });
  await connection[Symbol.asyncDispose]();
  // strace passes no signal on; its child is the node.
  const [child = ""] = readFileSync(`/proc/${traced.pid}/task/${traced.pid}/children`, "utf8").split(" ");
  const ended = once(traced, "exit");
  process.kill(Number(child));
  await ended;
  const count = readFileSync(traceFile, "utf8")
    .split("\n")
    .filter((line) => /execve\(.* = 0$/.test(line)).length;
  rmSync(traceFile);
  return count;
}

async function reportExecutions(fleet: IdleFleet): Promise<void> {
  if (spawnSync("strace", ["--version"]).error) return console.error("strace is not here: processes are not counted");
  await using few = await startIdleFleet(FEW_AGENTS);
  report({
    name: `programs executed by a node of ${AGENTS} agents over its start and ${REFRESHES} full looks`,
    value: await executions(fleet),
    unit: "processes",
    n: 1,
    floor: { name: `the same of ${FEW_AGENTS} agents`, value: await executions(few) },
    goal: "the same",
  });
}

{
  await using fleet = await startIdleFleet(AGENTS);
  await reportExecutions(fleet);
  const node = await startNodeProgram(fleet);
  try {
    await fillLog(fleet);
    await reportIdle(fleet, node);
    reportPs(fleet, `of a node with ${AGENTS} agents`);
    await reportDeaths(fleet);
  } finally {
    await stopProgram(node);
  }
  reportPs(fleet, `of ${AGENTS} agents without a node`);
}
process.exit(0);

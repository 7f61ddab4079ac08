/** What a fleet of 1,000 hosts with 8 agents each costs: one real mosaic-aggregator, simulated hosts with the real server and log
 *  behind a Unix socket each, in one process, and this client over gRPC on loopback TCP. How long `List` takes from memory and
 *  with `live`, what the aggregator uses while nothing happens, and how soon all hosts are LIVE after it was started anew. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FleetService, ListResponseSchema } from "@mosaic/wire";
import { cleanEnvironment, MOSAIC } from "../mesh/demo-fleet.ts";
import { runToEnd } from "../mesh/run-program.ts";
import { percentile, report, spreadOf, timed } from "./figures.ts";
import { processUse } from "./process-figures.ts";
import { allLive, type SimulatedAggregator, type SimulatedFleet, startSimulatedFleet } from "./simulated-fleet.ts";

const HOSTS = 1000;
const AGENTS = 8;
const CALLS = 300;
const LIVE_CALLS = 20;
const PS_RUNS = 30;
const RESTARTS = 5;
const IDLE_MS = 30_000;
/** Start and first calls are over, what they allocated is given back, and what runs all the time is compiled. */
const SETTLE_MS = 150_000;

const fleetName = `${HOSTS.toLocaleString("en")} hosts with ${AGENTS} agents each`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function idleUse(pid: number): Promise<{ cpuPercent: number; rssKiB: number }> {
  await pause(SETTLE_MS);
  const before = processUse(pid);
  const startMs = performance.now();
  await pause(IDLE_MS);
  const { cpuMs, rssKiB } = processUse(pid);
  return { cpuPercent: (100 * (cpuMs - before.cpuMs)) / (performance.now() - startMs), rssKiB };
}

async function reportIdle(fleet: SimulatedFleet, { pid }: SimulatedAggregator): Promise<void> {
  const ours = await idleUse(pid);
  await using bareWatchers = await fleet.startBareWatchers();
  const bare = await idleUse(bareWatchers.pid);
  report({
    name: `idle aggregator of ${fleetName}, CPU over ${IDLE_MS / 1000} s`,
    value: ours.cpuPercent,
    unit: "% of a core",
    n: 1,
    floor: { name: "the same frames to bare node:http requests, and decoded", value: bare.cpuPercent },
    goal: "at most 5 %",
  });
  report({
    name: `idle aggregator of ${fleetName}, resident memory`,
    value: ours.rssKiB,
    unit: "KiB",
    n: 1,
    floor: { name: "those bare requests", value: bare.rssKiB },
    goal: "at most 244,141 KiB, which is 250 MB",
  });
}

async function reportList({ client, pid }: SimulatedAggregator): Promise<void> {
  let response = await client.list({});
  if (response.agents.length !== HOSTS * AGENTS) throw new Error(`${response.agents.length} rows are there`);
  const samples: number[] = [];
  const before = processUse(pid).cpuMs;
  for (let call = 0; call < CALLS; call += 1) samples.push(await timed(async () => (response = await client.list({}))));
  const cpuMs = (processUse(pid).cpuMs - before) / CALLS;
  const bytes = toBinary(ListResponseSchema, response);
  const decodings: number[] = [];
  for (let run = 0; run < 30; run += 1) decodings.push(await timed(() => fromBinary(ListResponseSchema, bytes)));
  report({
    name: `List of ${HOSTS * AGENTS} rows of ${fleetName} from memory, call to decoded reply`,
    value: percentile(samples, 0.5),
    unit: "ms",
    n: CALLS,
    spread: { ...spreadOf(samples), aggregatorCpuMs: Math.round(cpuMs * 10) / 10 },
    floor: { name: "decoding the same reply", value: percentile(decodings, 0.5) },
    goal: "p99 at most 150 ms",
  });
}

/** The aggregator's own share: what a reader makes of 1.5 MB is not in it. */
async function reportBytes({ url, pid }: SimulatedAggregator): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const ask = () => replyBytes(new URL(`/${FleetService.typeName}/List`, url), agent);
  const bytes = await ask();
  const bare = await bareReplies(bytes, agent);
  const samples: number[] = [];
  const before = processUse(pid).cpuMs;
  for (let call = 0; call < CALLS; call += 1) samples.push(await timed(ask));
  const cpuMs = (processUse(pid).cpuMs - before) / CALLS;
  agent.destroy();
  report({
    name: `List of ${HOSTS * AGENTS} rows of ${fleetName} from memory, call to last byte`,
    value: percentile(samples, 0.5),
    unit: "ms",
    n: CALLS,
    spread: { ...spreadOf(samples), bytes, aggregatorCpuMs: Math.round(cpuMs * 10) / 10 },
    floor: { name: "as many bytes of a bare node:http server, in this process", value: percentile(bare, 0.5) },
    goal: "p99 at most 150 ms",
  });
}

/** What an operator waits for: the whole process, its start and its printing included. */
async function reportPs({ url }: SimulatedAggregator): Promise<void> {
  const samples: number[] = [];
  const starts: number[] = [];
  for (let run = 0; run < PS_RUNS; run += 1) {
    starts.push(await timed(() => runToEnd([process.execPath, "-e", "0"], { env: {} })));
    const ask = () =>
      runToEnd([...MOSAIC, "fleet", "ps", "--all-hosts", "--json", "--endpoint", url], { env: cleanEnvironment("/nowhere") });
    samples.push(await timed(async () => assert.equal((await ask()).exitCode, 0)));
  }
  report({
    name: `mosaic fleet ps --all-hosts --json of ${fleetName}, as a process`,
    value: percentile(samples, 0.5),
    unit: "ms",
    n: PS_RUNS,
    spread: spreadOf(samples),
    floor: { name: "node -e 0", value: percentile(starts, 0.5) },
  });
}

async function bareReplies(bytes: number, agent: Agent): Promise<number[]> {
  const body = Buffer.alloc(bytes);
  const server = createServer((_request, reply) => void reply.end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const samples: number[] = [];
  for (let call = 0; call < CALLS; call += 1)
    samples.push(await timed(() => replyBytes(new URL(`http://127.0.0.1:${port}/`), agent)));
  server.close();
  return samples;
}

function replyBytes(url: URL, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, method: "POST", headers: { "content-type": "application/proto" } }, (reply) => {
      let bytes = 0;
      reply.on("data", (piece: Buffer) => {
        bytes += piece.length;
      });
      reply.on("end", () => resolve(bytes));
      reply.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

async function reportLive({ client, pid }: SimulatedAggregator): Promise<void> {
  const cold = await timed(() => client.list({ live: true }, { timeoutMs: 30_000 }));
  const samples: number[] = [];
  const incomplete: number[] = [];
  const before = processUse(pid).cpuMs;
  for (let call = 0; call < LIVE_CALLS; call += 1) {
    samples.push(
      await timed(async () => {
        const { hosts, agents } = await client.list({ live: true }, { timeoutMs: 30_000 });
        if (hosts.some((host) => host.code !== "") || agents.length !== HOSTS * AGENTS) incomplete.push(call);
      }),
    );
  }
  const cpuMs = (processUse(pid).cpuMs - before) / LIVE_CALLS;
  report({
    name: `List of ${fleetName} with live, each host asked`,
    value: percentile(samples, 0.5),
    unit: "ms",
    n: LIVE_CALLS,
    spread: { ...spreadOf(samples), coldMs: Math.round(cold), incomplete: incomplete.length, aggregatorCpuMs: Math.round(cpuMs) },
    floor: { name: "a round trip and 1.2 ms of CPU for each host, on two cores", value: 600 },
    goal: "at most 1,500 ms",
  });
}

async function reportRestarts(fleet: SimulatedFleet): Promise<void> {
  const samples: number[] = [];
  const cpuMs: number[] = [];
  let lost = 0;
  for (let round = 0; round < RESTARTS; round += 1) {
    await using aggregator = await fleet.startAggregator();
    await allLive(aggregator, HOSTS);
    samples.push(performance.now() - aggregator.startedAtMs);
    cpuMs.push(processUse(aggregator.pid).cpuMs);
    lost += aggregator.logged().split("member lost").length - 1;
  }
  report({
    name: `aggregator started, to all of ${fleetName} LIVE`,
    value: percentile(samples, 0.5),
    unit: "ms",
    n: RESTARTS,
    spread: { ...spreadOf(samples), lostAttempts: lost, aggregatorCpuMs: Math.round(percentile(cpuMs, 0.5)) },
    floor: { name: "the same start with no hosts", value: await bareStartMs() },
    goal: "at most 15,000 ms, no attempt lost",
  });
}

async function bareStartMs(): Promise<number> {
  await using none = await startSimulatedFleet(0, 0);
  await using aggregator = await none.startAggregator();
  await allLive(aggregator, 0);
  return performance.now() - aggregator.startedAtMs;
}

{
  await using fleet = await startSimulatedFleet(HOSTS, AGENTS);
  await reportRestarts(fleet);
  await using aggregator = await fleet.startAggregator();
  await allLive(aggregator, HOSTS);
  await reportIdle(fleet, aggregator);
  await reportList(aggregator);
  await reportBytes(aggregator);
  await reportPs(aggregator);
  await reportLive(aggregator);
  console.error(`resident after ${2 * CALLS + LIVE_CALLS + 3} lists: ${processUse(aggregator.pid).rssKiB} KiB`);
}
process.exit(0);

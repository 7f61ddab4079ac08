/** What it takes until a message can't be lost any more: sends through a real aggregator to a real node, each with its store on a
 *  disk. How long until the agent's host has it (DELIVERED), one at a time to stub agents, the next when the last one was answered, and how many per second one
 *  aggregator acknowledges (QUEUED) with 64 in flight, while it carries them on to a host of 200 agents that nobody started. The
 *  floor is the same bytes appended to a file on that disk as many at a time, with one fsync for each group. Last, the processor time
 *  that one of these takes in client, aggregator and node until its host has it: other work on the machine changes that less. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { connectFleet, type FleetConnection } from "@mosaic/rpc";
import { aMessage, eventually } from "@mosaic/testkit";
import { DeliveryState, type Receipt, ReceiptSchema } from "@mosaic/wire";
import { type DaemonHome, daemonHome, quietRoster } from "../mesh/daemon-home.ts";
import { TestTerminal } from "../mesh/test-terminal.ts";
import { percentile, report, spreadOf } from "./figures.ts";
import { processUse } from "./process-figures.ts";
import { startStubs } from "./stub-agents.ts";

const TEXT = "please look at the second line of the log, and say what you see there\n".repeat(6);
const SENDS = 300;
const ROUNDS = 5;
const SENDS_PER_ROUND = 3000;
const IN_FLIGHT = 64;
const STUBS = Array.from({ length: 8 }, (_, index) => `coder${index}`);
const CROWD = Array.from({ length: 200 }, (_, index) => `agent${index}`);

const disk = process.env["MOSAIC_BENCH_DISK"];
// Every home is made there.
if (disk !== undefined) process.env["TMPDIR"] = disk;
const bytes = Buffer.concat([Buffer.from(TEXT), toBinary(ReceiptSchema, aMessage().receipt)]);
let number = 0;

/** Sends one message and answers with the time until it was as far as asked for, in ms. */
async function send(
  { client }: FleetConnection,
  name: string,
  waitFor: DeliveryState,
  messageId = `bench-${++number}`,
): Promise<{ receipt: Receipt; elapsedMs: number }> {
  const agent = { tenantId: "team-a", host: "alpha", name };
  const startMs = performance.now();
  const { receipt } = await client.send({ messageId, agent, text: TEXT, waitFor, waitMs: 10_000 });
  const elapsedMs = performance.now() - startMs;
  if (!receipt || receipt.state < waitFor) throw new Error(`${messageId} is ${receipt?.state}: ${receipt?.detail}`);
  return { receipt, elapsedMs };
}

interface Daemons extends FleetConnection {
  readonly pids: { readonly aggregator: number; readonly node: number };
}

/** Starts node and aggregator on a home with its roster. @returns a client of the aggregator over TCP on loopback */
async function connectDaemons(home: DaemonHome): Promise<Daemons> {
  const socket = join(home.mosaicHome, "fleet/run/node.sock");
  await home.write("fleet/hosts.yaml", `- targets: ["unix:${socket}"]\n  labels: { host: alpha, tenant: team-a }\n`);
  const node = await home.serves("node", "--log-level", "error");
  const { record, pid } = await home.serves("aggregator", "--listen", "127.0.0.1:0", "--log-level", "error");
  const url = record.endpoints.find((endpoint) => endpoint.startsWith("http")) ?? "";
  const connection = connectFleet({ kind: "tcp", hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await eventually("the host is there", async () => (await connection.client.list({})).agents.length > 0);
  return { ...connection, pids: { aggregator: pid, node: node.pid } };
}

/** Appends groups of `atOnce` messages, each group with one fsync. @returns the time of each group, in ms */
function appendDurably(home: DaemonHome, atOnce: number, messages: number): number[] {
  const file = openSync(join(home.folder, "floor"), "a", 0o600);
  const group = Buffer.concat(Array.from({ length: atOnce }, () => bytes));
  const latenciesMs: number[] = [];
  for (let done = 0; done < messages; done += atOnce) {
    const startMs = performance.now();
    writeSync(file, group);
    fsyncSync(file);
    latenciesMs.push(performance.now() - startMs);
  }
  closeSync(file);
  return latenciesMs;
}

async function reportLatency(): Promise<void> {
  await using home = await daemonHome();
  await using terminal = new TestTerminal();
  await startStubs(home, terminal.socketName, STUBS);
  await using connection = await connectDaemons(home);
  const [ours, bare]: [number[], number[]] = [[], []];
  const warmUp = STUBS.length * 3;
  for (let sent = 0; sent < warmUp + SENDS; sent += 1) {
    const name = STUBS[sent % STUBS.length] ?? "";
    const { receipt, elapsedMs } = await send(connection, name, DeliveryState.DELIVERED);
    ours.push(elapsedMs);
    bare.push(...appendDurably(home, 1, 1));
    // The same message again, to its answer: one that is still being typed and written down would be measured with the next.
    await send(connection, name, DeliveryState.ANSWERED, receipt.messageId);
  }
  report({
    name: "durable send through an aggregator, call to DELIVERED",
    value: percentile(ours.slice(warmUp), 0.5),
    unit: "ms",
    n: SENDS,
    spread: spreadOf(ours.slice(warmUp)),
    floor: { name: "one write and fsync of the same bytes", value: percentile(bare.slice(warmUp), 0.5) },
    goal: "p99 at most 40 ms",
  });
}

/** @returns sends acknowledged per second, and the time of each in ms */
async function acknowledge(connection: FleetConnection): Promise<{ perSecond: number; latenciesMs: number[] }> {
  const latenciesMs: number[] = [];
  let left = SENDS_PER_ROUND;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      latenciesMs.push((await send(connection, CROWD[left % CROWD.length] ?? "", DeliveryState.QUEUED)).elapsedMs);
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return { perSecond: SENDS_PER_ROUND / ((performance.now() - startMs) / 1000), latenciesMs };
}

async function reportThroughput(): Promise<void> {
  await using home = await daemonHome();
  await home.write("fleet/roster.yaml", quietRoster("alpha", CROWD));
  await using connection = await connectDaemons(home);
  const [rates, latenciesMs, bare]: [number[], number[], number[]] = [[], [], []];
  let before = useOf(connection);
  for (let round = 0; round <= ROUNDS; round += 1) {
    const groupMs = appendDurably(home, IN_FLIGHT, SENDS_PER_ROUND);
    const ours = await acknowledge(connection);
    // The first round warms up.
    if (round === 0) {
      await untilDelivered(connection);
      before = useOf(connection);
      continue;
    }
    bare.push((1000 * IN_FLIGHT * groupMs.length) / groupMs.reduce((sum, ms) => sum + ms, 0));
    rates.push(ours.perSecond);
    latenciesMs.push(...ours.latenciesMs);
  }
  const n = ROUNDS * SENDS_PER_ROUND;
  report({
    name: `durable sends acknowledged by one aggregator per second, ${IN_FLIGHT} in flight to ${CROWD.length} agents`,
    value: percentile(rates, 0.5),
    unit: "req/s",
    n,
    spread: { min: Math.min(...rates), max: Math.max(...rates), ...prefixed(spreadOf(latenciesMs)) },
    floor: { name: `write and fsync of the same bytes, ${IN_FLIGHT} at a time`, value: percentile(bare, 0.5) },
    goal: "at least 1,000",
  });
  await untilDelivered(connection);
  reportUse(before, useOf(connection), n);
}

type Use = Readonly<Record<"client" | "aggregator" | "node", number>>;

/** Processor time of each process until now, in ms. */
function useOf({ pids }: Daemons): Use {
  const [client, aggregator, node] = [process.pid, pids.aggregator, pids.node].map((pid) => processUse(pid).cpuMs);
  return { client: client ?? 0, aggregator: aggregator ?? 0, node: node ?? 0 };
}

/** Looked for seldom: each look goes through all that was ever sent. */
async function untilDelivered({ client }: FleetConnection): Promise<void> {
  const request = { states: [DeliveryState.QUEUED], limit: 1 };
  while ((await client.listMessages(request)).messages.length > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
}

function reportUse(before: Use, after: Use, sends: number): void {
  const use = (who: keyof Use) => (after[who] - before[who]) / sends;
  const all = { client: use("client"), aggregator: use("aggregator"), node: use("node") };
  report({
    name: "processor time of one durable send, until its host has it",
    value: all.client + all.aggregator + all.node,
    unit: "ms",
    n: sends,
    spread: all,
    floor: { name: "the client's part, one bare call", value: all.client },
  });
}

function prefixed(spread: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(spread).map(([name, ms]) => [`${name}Ms`, ms]));
}

await reportLatency();
await reportThroughput();
process.exit(0);

/** From a change in a real tmux to a Watch client behind the aggregator: new-session, then kill-session, again and again. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAggregator } from "@mosaic/aggregator";
import { noUnits, parseRoster, passThroughTracer, silentLog } from "@mosaic/core";
import { connectTmux, newId, procfsTable, systemClock, watchedFiles } from "@mosaic/host";
import { startNode } from "@mosaic/node";
import { connectFleet } from "@mosaic/rpc";
import { memoryMessageStore } from "@mosaic/testkit";
import { percentile, report, spreadOf } from "./figures.ts";

const CHANGES = 100;
const home = mkdtempSync(join(tmpdir(), "mosaic-bench-"));
const socketName = `mosaic-bench-${process.pid}`;
const signal = new AbortController().signal;
const loopback = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
const roster = parseRoster(
  `version: 1\ntransport: tmux\ntenant: bench\nhost: alpha\ntmux: {socket_name: ${socketName}}\nagents: [{name: lead, runtime: stub}]\n`,
  {
    file: "bench",
    defaultTenant: "bench",
    defaultHost: "alpha",
  },
);
const terminal = connectTmux({ socketName, clock: systemClock, log: silentLog });
await terminal.ensureHolder(roster.holderSession, signal);
const planes = {
  terminal,
  processes: procfsTable(),
  files: watchedFiles(silentLog),
  clock: systemClock,
  driftOf: () => undefined,
  units: noUnits("none in a benchmark"),
  runtimeOf: () => undefined,
};
const fixed = <T>(value: T) => ({ value, problem: undefined, reload: async () => {}, [Symbol.dispose]() {} });
const common = { tracer: passThroughTracer, log: silentLog, newId };
const node = await startNode(
  {
    ...{ ...common, planes, openRoster: async () => fixed(roster), mannersOf: () => undefined },
    store: memoryMessageStore(),
    ...{ keyboard: terminal, audit: { record: async () => {} }, resetCommandOf: () => undefined },
  },
  { hostId: newId(), version: "bench", pid: process.pid, runDirectory: home, listen: [loopback] },
);
const [address = loopback] = node.endpoints;
const aggregator = await startAggregator(
  {
    ...common,
    clock: systemClock,
    random: Math.random,
    connect: (endpoint) => connectFleet(endpoint, { carrier: "http1" }),
    store: memoryMessageStore(),
    openMembership: async () =>
      fixed([{ name: "alpha", tenantId: "bench", role: "node" as const, addresses: [address] as const }]),
  },
  { id: newId(), host: "bench", version: "bench", pid: process.pid, listen: [loopback] },
);
const [endpoint = loopback] = aggregator.endpoints;
const connection = connectFleet(endpoint);
const stop = new AbortController();
const frames = connection.client.watch({}, { signal: stop.signal })[Symbol.asyncIterator]();
let noticedMs = 0;
terminal.onChange(() => {
  noticedMs ||= performance.now();
});

const waitFor = async (kind: "upsert" | "delete", name: string): Promise<void> => {
  for (;;) {
    const { value, done } = await frames.next();
    if (done) throw new Error("the stream ended");
    const { frame } = value;
    if (frame.case === kind && frame.value.name === name) return;
  }
};
const whole: number[] = [];
const event: number[] = [];
const change = async (work: () => Promise<unknown>, kind: "upsert" | "delete", name: string) => {
  noticedMs = 0;
  const startMs = performance.now();
  const worked = work();
  await waitFor(kind, name);
  whole.push(performance.now() - startMs);
  event.push((noticedMs || performance.now()) - startMs);
  await worked;
};
while ((await frames.next()).value?.frame.case !== "bookmark");
for (let index = 0; index < CHANGES; index += 1) {
  const session = `extra${index}`;
  const launch = { session, argv: ["sleep", "600"] as const, env: {}, workingDirectory: home };
  await change(() => terminal.startSession({ ...launch, argv: ["sleep", "600"] }, signal), "upsert", session);
  await change(() => terminal.endSession(session, signal), "delete", session);
}
report({
  name: "tmux session started or ended, to a Watch client behind the aggregator",
  value: percentile(whole, 0.5),
  unit: "ms",
  n: whole.length,
  spread: spreadOf(whole),
  floor: { name: "tmux's own notice of the same change", value: percentile(event, 0.5) },
  goal: "p99 at most 100 ms",
});
stop.abort();
await connection[Symbol.asyncDispose]();
await aggregator[Symbol.asyncDispose]();
await node[Symbol.asyncDispose]();
await terminal.endServer(signal);
await terminal[Symbol.asyncDispose]();
rmSync(home, { recursive: true, force: true });
process.exit(0);

/** List of 8,000 rows from 1,000 simulated hosts through one aggregator, over gRPC on loopback TCP. */
import { toBinary } from "@bufbuild/protobuf";
import { type Member, startAggregator } from "@mosaic/aggregator";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { newId, systemClock } from "@mosaic/host";
import { connectFleet, connectInMemory, type Endpoint } from "@mosaic/rpc";
import { ListResponseSchema } from "@mosaic/wire";
import { percentile, report, spreadOf, timed } from "./figures.ts";
import { BENCH_TENANT, simulatedHost } from "./simulated-host.ts";

const HOSTS = 1000;
const AGENTS = 8;
const CALLS = 100;

const hosts = Array.from({ length: HOSTS }, (_, index) => simulatedHost(index, AGENTS));
// Each member has an address of its own; the connection behind it is this process.
const byPort = new Map(hosts.map((host, index) => [index + 1, host]));
const members = hosts.map((host, index): Member => ({ name: host.name, tenantId: BENCH_TENANT, role: "node", addresses: [{ kind: "tcp", hostname: "127.0.0.1", port: index + 1 }] }));
const handlersAt = (endpoint: Endpoint) => {
  const host = endpoint.kind === "tcp" ? byPort.get(endpoint.port) : undefined;
  if (!host) throw new Error("no such simulated host");
  return host.handlers;
};

await using aggregator = await startAggregator(
  {
    clock: systemClock,
    log: silentLog,
    tracer: passThroughTracer,
    random: Math.random,
    newId,
    connect: (endpoint) => connectInMemory(handlersAt(endpoint), { validate: false }),
    openMembership: async () => ({ value: members, problem: undefined, reload: async () => {}, [Symbol.dispose]() {} }),
  },
  { id: newId(), host: "bench", version: "bench", pid: process.pid, listen: [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }] },
);
const [endpoint] = aggregator.endpoints;
if (!endpoint) throw new Error("the aggregator listens nowhere");
await using connection = connectFleet(endpoint);
const { client } = connection;
let response = await client.list({});
while (response.agents.length < HOSTS * AGENTS) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  response = await client.list({});
}
const samples: number[] = [];
for (let call = 0; call < CALLS; call += 1) samples.push(await timed(() => client.list({})));
const encodings: number[] = [];
for (let run = 0; run < 10; run += 1) encodings.push(await timed(() => toBinary(ListResponseSchema, response)));
report({
  name: "aggregator List of 8,000 rows from 1,000 hosts, call to decoded reply",
  value: percentile(samples, 0.5),
  unit: "ms",
  n: samples.length,
  spread: spreadOf(samples),
  floor: { name: "encoding the same rows once", value: percentile(encodings, 0.5) },
  goal: "p99 at most 150 ms",
});
process.exit(0);

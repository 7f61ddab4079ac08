/** An aggregator over simulated hosts, in a process of its own: arguments are the folder of their sockets and their names, comma-separated. */
import { startAggregator } from "@mosaic/aggregator";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { newId, systemClock } from "@mosaic/host";
import { connectFleet } from "@mosaic/rpc";
import { memoryMessageStore } from "@mosaic/testkit";
import { BENCH_TENANT } from "./simulated-host.ts";

const [directory = "", names = ""] = process.argv.slice(2);
const members = names.split(",").map((name) => ({
  name,
  tenantId: BENCH_TENANT,
  role: "node" as const,
  addresses: [{ kind: "unix" as const, path: `${directory}/${name}.sock` }] as const,
}));
const aggregator = await startAggregator(
  {
    clock: systemClock,
    log: silentLog,
    tracer: passThroughTracer,
    random: Math.random,
    newId,
    connect: connectFleet,
    store: memoryMessageStore(),
    openMembership: async () => ({ value: members, problem: undefined, reload: async () => {}, [Symbol.dispose]() {} }),
  },
  { id: newId(), host: "bench", version: "bench", pid: process.pid, listen: [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }] },
);
process.send?.(aggregator.endpoints[0]);
process.on("disconnect", () => process.exit(0));

/** Serves many simulated hosts, each on a Unix socket of its own: arguments are the folder, the number of hosts, and agents per host. */
import { passThroughTracer, silentLog } from "@mosaic/core";
import { LiveStreams, serveFleet } from "@mosaic/rpc";
import { simulatedHost } from "./simulated-host.ts";

const [directory = "", hostCount = "0", agentCount = "0"] = process.argv.slice(2);
const hosts = Array.from({ length: Number(hostCount) }, (_, index) => simulatedHost(index, Number(agentCount)));
for (const { name, handlers } of hosts) {
  const endpoint = { kind: "unix", path: `${directory}/${name}.sock` } as const;
  await serveFleet({ handlers, streams: new LiveStreams(), listen: [endpoint], tracer: passThroughTracer, log: silentLog });
}
process.send?.(hosts.map((host) => host.name));
process.on("disconnect", () => process.exit(0));

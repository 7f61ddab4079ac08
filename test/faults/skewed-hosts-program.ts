/** Hosts of other versions, each on a Unix socket `<folder>/<skew>.sock`: argument is the folder. Ends with its parent. */
import { passThroughTracer, silentLog } from "@mosaic/core";
import { LiveStreams, serveFleet } from "@mosaic/rpc";
import { simulatedHost } from "../bench/simulated-host.ts";
import { type Skew, skewedHost } from "./skewed-host.ts";

const [folder = ""] = process.argv.slice(2);
const skews: readonly Skew[] = ["behind", "ahead", "incompatible"];
const hosts = [
  ["today", simulatedHost(0, 2)] as const,
  ...skews.map((skew, index) => [skew, skewedHost(index + 1, 2, skew)] as const),
];
for (const [name, { handlers }] of hosts) {
  const listen = [{ kind: "unix", path: `${folder}/${name}.sock` }] as const;
  await serveFleet({ handlers, listen, streams: new LiveStreams(), tracer: passThroughTracer, log: silentLog });
}
process.send?.(hosts.map(([name, host]) => [name, host.name]));
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});

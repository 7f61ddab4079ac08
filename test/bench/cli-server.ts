/** The server of cli.bench.ts: one simulated host on the Unix socket named by the first argument. */
import { passThroughTracer, silentLog } from "@mosaic/core";
import { LiveStreams, serveFleet } from "@mosaic/rpc";
import { simulatedHost } from "./simulated-host.ts";

const [path = ""] = process.argv.slice(2);
await serveFleet({
  handlers: simulatedHost(1, 8).handlers,
  streams: new LiveStreams(),
  listen: [{ kind: "unix", path }],
  tracer: passThroughTracer,
  log: silentLog,
});
process.send?.("serving");
process.on("disconnect", () => process.exit(0));

/** The servers of idle-watch.bench.ts: ours, and one that only keeps streams open. */
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { LiveStreams, serveFleet } from "@mosaic/rpc";
import { simulatedHost } from "./simulated-host.ts";

const server = await serveFleet({
  handlers: simulatedHost(1, 8).handlers,
  streams: new LiveStreams(),
  listen: [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }],
  tracer: passThroughTracer,
  log: silentLog,
});
const bare = createServer({ settings: { maxConcurrentStreams: 10_000 } }, (_request, response) => {
  response.writeHead(200);
  response.write("open");
});
await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
const [endpoint] = server.endpoints;
const fleetPort = endpoint?.kind === "tcp" ? endpoint.port : 0;

process.on("message", () => {
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.({ fleetPort, barePort: (bare.address() as AddressInfo).port, rssKiB: process.memoryUsage().rss / 1024 });
});
process.on("disconnect", () => process.exit(0));

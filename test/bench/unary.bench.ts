/** Unary requests per second of a node's server against a bare connect-node echo, with the same gRPC client. */
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { connectFleet, type Endpoint, LiveStreams, serveFleet } from "@mosaic/rpc";
import { FleetService } from "@mosaic/wire";
import { report } from "./figures.ts";
import { simulatedHost } from "./simulated-host.ts";

const REQUESTS = 3000;
const CONCURRENCY = 32;
const ROUNDS = 3;

await using server = await serveFleet({
  handlers: simulatedHost(1, 8).handlers,
  streams: new LiveStreams(),
  listen: [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }],
  tracer: passThroughTracer,
  log: silentLog,
});
const echo = createServer(
  connectNodeAdapter({ routes: (router) => void router.service(FleetService, { heartbeat: () => ({ intervalMs: 15_000 }) }) }),
);
await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
const echoEndpoint: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: (echo.address() as AddressInfo).port };
const [endpoint = echoEndpoint] = server.endpoints;

async function requestsPerSecond(target: Endpoint): Promise<number> {
  await using connection = connectFleet(target, { validate: false });
  let left = REQUESTS;
  const worker = async () => {
    while (left-- > 0) await connection.client.heartbeat({ agent: { name: "lead" } });
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return REQUESTS / ((performance.now() - startMs) / 1000);
}

const ours: number[] = [];
const bare: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  bare.push(await requestsPerSecond(echoEndpoint));
  ours.push(await requestsPerSecond(endpoint));
}
report({
  name: "unary Heartbeat requests per second, 32 at a time, with trace, errors and validation",
  value: Math.max(...ours),
  unit: "req/s",
  n: ROUNDS * REQUESTS,
  spread: { min: Math.min(...ours) },
  floor: { name: "bare connect-node echo of the same message", value: Math.max(...bare) },
});
process.exit(0);

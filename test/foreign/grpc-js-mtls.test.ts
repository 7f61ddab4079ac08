/** gRPC's own JavaScript client at a daemon with walls: no line of ours on its side of the connection. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ada, certificateGuard, node, serveTls, testFleet } from "../../packages/rpc/src/tls/fleet-for-tests.ts";

interface DynamicClient extends grpc.Client {
  Info(request: object, options: grpc.CallOptions, done: (error: grpc.ServiceError | null, reply?: { id: string }) => void): void;
}

test("a grpc-js client is served with a certificate of the fleet, and refused by name without one", {
  timeout: 60_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const fleet = await testFleet();
  const { endpoint } = await serveTls(stack, { tls: { identity: await fleet.sourceOf(node) }, guard: certificateGuard(fleet) });
  const roots = Buffer.from(fleet.trust.roots.map(String).join(""));
  const { key, chain } = await fleet.credentialsOf(ada);
  const pem = [Buffer.from(key.export({ type: "pkcs8", format: "pem" })), Buffer.from(chain.map(String).join(""))] as const;
  // It compares names of hosts, and there is none in a certificate of ours.
  const judge = { checkServerIdentity: () => undefined };
  const known = stack.adopt(clientOf(endpoint.port, grpc.credentials.createSsl(roots, ...pem, judge)), (client) =>
    client.close(),
  );
  assert.equal((await info(known)).id, "stub");
  const unknown = stack.adopt(clientOf(endpoint.port, grpc.credentials.createSsl(roots, null, null, judge)), (client) =>
    client.close(),
  );
  await assert.rejects(info(unknown), { code: grpc.status.UNAUTHENTICATED, details: "no certificate was shown" });
});

function clientOf(port: number, credentials: grpc.ChannelCredentials): DynamicClient {
  const includeDirs = [
    join(import.meta.dirname, "../../proto"),
    join(import.meta.dirname, "../../node_modules/@bufbuild/protovalidate/proto"),
  ];
  const definition = loadSync("mosaic/fleet/v1/fleet_service.proto", { keepCase: true, includeDirs });
  const Service = grpc.makeClientConstructor(
    definition["mosaic.fleet.v1.FleetService"] as grpc.ServiceDefinition,
    "FleetService",
  );
  return new Service(`127.0.0.1:${port}`, credentials) as unknown as DynamicClient;
}

function info(client: DynamicClient): Promise<{ id: string }> {
  return new Promise((resolve, reject) => {
    client.Info({}, { deadline: Date.now() + 20_000 }, (error, reply) => (reply ? resolve(reply) : reject(error)));
  });
}

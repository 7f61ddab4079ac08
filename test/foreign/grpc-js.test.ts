/** Mosaic as gRPC's own JavaScript client sees it, and as plain HTTP does: no line shared with the client in packages/rpc. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { type DemoFleet, startDemoFleet } from "../mesh/demo-fleet.ts";
import { portOf, rawCall } from "../mesh/raw-call.ts";
import { tellAll } from "../mesh/tell-all.ts";

const root = join(import.meta.dirname, "../..");
const protoOptions = { keepCase: true, enums: String, longs: String, defaults: true, oneofs: true };

type Reply = Readonly<Record<string, unknown>>;

/** A client that grpc-js made of a loaded proto file; what it answers is only known at run time. */
interface DynamicClient extends grpc.Client {
  List(request: object, options: grpc.CallOptions, done: (error: grpc.ServiceError | null, reply?: Reply) => void): void;
  Check(request: object, options: grpc.CallOptions, done: (error: grpc.ServiceError | null, reply?: Reply) => void): void;
  Watch(request: object, options?: grpc.CallOptions): grpc.ClientReadableStream<Reply>;
}

test(
  "a grpc-js client, and plain HTTP",
  { timeout: 90_000 },
  tellAll(async (t) => {
    await using fleet = await startDemoFleet({ hosts: 1, agents: 2 });
    const port = portOf(fleet.daemon("alpha").endpoint);
    using stack = new DisposableStack();
    const open = (file: string, includeDirs: string[], service: string) =>
      stack.adopt(openClient(file, includeDirs, service, port), (client) => client.close());
    const client = open("mosaic/fleet/v1/fleet_service.proto", [join(root, "proto")], "mosaic.fleet.v1.FleetService");
    const healthFolder = join(dirname(createRequire(import.meta.url).resolve("grpc-health-check/package.json")), "proto");

    await t.test("List answers over a node's port", async () => {
      const reply = await unary((done) => client.List({}, deadline(), done));
      assert.deepEqual(
        (reply["agents"] as { name: string }[]).map((agent) => agent.name),
        ["coder0", "lead"],
      );
      assert.deepEqual(
        (reply["hosts"] as { state: string }[]).map((host) => host.state),
        ["HOST_STATE_LIVE"],
      );
    });
    await t.test("Watch is read to its first bookmark and cancelled, and leaves no stream", () => watches(fleet, client, port));
    await t.test("the health service answers", async () => {
      const health = open("health/v1/health.proto", [healthFolder], "grpc.health.v1.Health");
      const reply = await unary((done) => health.Check({ service: "mosaic.fleet.v1.FleetService" }, deadline(), done));
      assert.equal(reply["status"], "SERVING");
      await assert.rejects(
        unary((done) => health.Check({ service: "none" }, deadline(), done)),
        { code: grpc.status.NOT_FOUND },
      );
    });
    await t.test("a deadline that has passed ends the call", async () => {
      await assert.rejects(readAll(client.Watch({}, { deadline: Date.now() + 500 })), { code: grpc.status.DEADLINE_EXCEEDED });
    });
    await t.test("JSON over HTTP/1.1 needs no client at all", () => plainHttp(port));
  }),
);

function openClient(file: string, includeDirs: string[], service: string, port: number): DynamicClient {
  const loaded = grpc.loadPackageDefinition(loadSync(file, { ...protoOptions, includeDirs }));
  const found = service.split(".").reduce<unknown>((scope, name) => (scope as Record<string, unknown>)[name], loaded);
  const Client = found as new (address: string, credentials: grpc.ChannelCredentials) => DynamicClient;
  return new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
}

async function watches(fleet: DemoFleet, client: DynamicClient, port: number): Promise<void> {
  // The aggregator watches the node as well.
  const before = await liveWatches(port);
  const stream = client.Watch({ bookmark_interval_ms: 1000 });
  const frames: string[] = [];
  const ended = new Promise<grpc.ServiceError>((resolve) => stream.once("error", resolve));
  stream.on("data", (reply: Reply) => {
    frames.push(String(reply["frame"]));
    if (frames.at(-1) === "bookmark") stream.cancel();
  });
  assert.equal((await ended).code, grpc.status.CANCELLED);
  assert.deepEqual(frames.slice(0, 5), ["reset", "host", "upsert", "upsert", "snapshot_end"]);
  await fleet.eventually("the stream is gone", async () => (await liveWatches(port)) === before);
}

async function liveWatches(port: number): Promise<number> {
  const { liveStreams = {} } = JSON.parse((await rawCall({ port }, "Info")).body) as { liveStreams?: Record<string, number> };
  return liveStreams["Watch"] ?? 0;
}

async function plainHttp(port: number): Promise<void> {
  const listed = await rawCall({ port }, "List", { selector: { names: ["lead"] } });
  assert.deepEqual([listed.status, listed.headers["content-type"]], [200, "application/json"]);
  const { agents, hosts } = JSON.parse(listed.body) as { agents: { name: string }[]; hosts: { host: string }[] };
  assert.deepEqual([agents.map((agent) => agent.name), hosts.map((host) => host.host)], [["lead"], ["alpha"]]);

  const missing = await rawCall({ port }, "Send", { agent: { name: "leed" }, messageId: "h-1", text: "x" });
  const error = JSON.parse(missing.body) as { code: string; message: string; details: { type: string }[] };
  assert.deepEqual(
    [missing.status, error.code, error.details.map((detail) => detail.type)],
    [404, "not_found", ["mosaic.fleet.v1.ErrorInfo"]],
  );
  const malformed = await rawCall({ port }, "List", "{nonsense");
  assert.deepEqual([malformed.status, JSON.parse(malformed.body).code], [400, "invalid_argument"]);
  assert.equal((await rawCall({ port }, "NoSuchMethod")).status, 404);
}

function deadline(): grpc.CallOptions {
  return { deadline: Date.now() + 10_000 };
}

function unary(call: (done: (error: grpc.ServiceError | null, reply?: Reply) => void) => void): Promise<Reply> {
  return new Promise((resolve, reject) => call((error, reply) => (error ? reject(error) : resolve(reply ?? {}))));
}

async function readAll(stream: grpc.ClientReadableStream<Reply>): Promise<void> {
  for await (const _ of stream);
}

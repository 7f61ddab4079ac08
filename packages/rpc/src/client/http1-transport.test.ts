import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, MosaicError, silentLog } from "@mosaic/core";
import { eventually, RecordingTracer, stubHandlers } from "@mosaic/testkit";
import { AttachTerminalResponseSchema, WatchResponseSchema } from "@mosaic/wire";
import type { Endpoint } from "../endpoint.ts";
import { fromConnectError } from "../error-mapping.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { serveFleet } from "../server/serve-fleet.ts";
import { connectFleet } from "./connect-fleet.ts";

const ambiguous = new MosaicError("AGENT_AMBIGUOUS", 'two agents are called "lead"', {
  hint: "name the host too",
  candidates: [{ tenantId: "team-a", host: "alpha", name: "lead" }],
});

/** A server, a client of it over HTTP/1.1, and how many connections the server has seen. */
async function serve(stack: AsyncDisposableStack, handlers: Partial<FleetHandlers>) {
  const [callers, servers] = [new RecordingTracer(), new RecordingTracer()];
  const streams = new LiveStreams();
  const listen: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 0 };
  const served = { handlers: stubHandlers(handlers), streams, listen: [listen], tracer: servers, log: silentLog };
  const server = stack.use(await serveFleet(served));
  const [endpoint] = server.endpoints;
  assert.ok(endpoint?.kind === "tcp");
  let connections = 0;
  const counter = createServer((near) => {
    connections += 1;
    const far = connect(endpoint.port, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => {});
    near.pipe(far).on("close", () => near.destroy());
    far.pipe(near).on("close", () => far.destroy());
  });
  counter.listen(0, "127.0.0.1");
  await once(counter, "listening");
  stack.defer(() => void counter.close());
  const address = counter.address();
  assert.ok(typeof address === "object" && address);
  const near: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: address.port };
  const connection = stack.use(connectFleet(near, { carrier: "http1", tracer: callers }));
  return { connection, client: connection.client, streams, callers, servers, connections: () => connections };
}

const rows = async function* (_request: unknown, { signal }: { signal: AbortSignal }) {
  for (let rev = 1n; rev <= 3n; rev += 1n) yield create(WatchResponseSchema, { rev });
  await aborted(signal);
};

test("calls one after another, and the stream that follows them, share a connection; calls at once don't wait for it", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, connections } = await serve(stack, { watch: rows });
  for (let call = 0; call < 5; call += 1) assert.equal((await client.info({})).id, "stub");
  const stop = new AbortController();
  const frames = client.watch({}, { signal: stop.signal })[Symbol.asyncIterator]();
  assert.equal((await frames.next()).value?.rev, 1n);
  assert.equal(connections(), 1);
  assert.equal((await client.info({})).id, "stub", "beside a stream");
  assert.equal(connections(), 2);
  stop.abort();
});

test("a stream's handler ends with the caller's signal, and with the connection", async () => {
  for (const end of ["signal", "dispose"] as const) {
    await using stack = new AsyncDisposableStack();
    const { client, connection, streams } = await serve(stack, { watch: rows });
    const stop = new AbortController();
    const frames = client.watch({}, { signal: stop.signal })[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count += 1) await frames.next();
    const ended = frames.next().catch((thrown: unknown) => fromConnectError(thrown, "watch").code);
    assert.deepEqual(streams.counts(), { Watch: 1 });
    if (end === "signal") stop.abort();
    else await connection[Symbol.asyncDispose]();
    assert.equal(await ended, end === "signal" ? "CANCELLED" : "HOST_UNREACHABLE");
    await eventually("the handler ended", async () => Object.keys(streams.counts()).length === 0);
  }
});

test("an error keeps its code, hint and candidates, at once and in the middle of a stream", async () => {
  await using stack = new AsyncDisposableStack();
  const { client } = await serve(stack, {
    async list() {
      throw ambiguous;
    },
    async *watch() {
      yield create(WatchResponseSchema, { rev: 1n });
      throw ambiguous;
    },
  });
  const seen: unknown[] = [await client.list({}).catch((thrown: unknown) => thrown)];
  try {
    for await (const { rev } of client.watch({})) assert.equal(rev, 1n);
  } catch (thrown) {
    seen.push(thrown);
  }
  for (const thrown of seen) {
    const { code, hint, candidates } = fromConnectError(thrown, "call");
    assert.deepEqual([code, hint, candidates], ["AGENT_AMBIGUOUS", ambiguous.hint, ambiguous.candidates]);
  }
  assert.equal(seen.length, 2);
});

test("the caller's trace and deadline go with the call", async () => {
  await using stack = new AsyncDisposableStack();
  const told: unknown[] = [];
  const handlers: Partial<FleetHandlers> = {
    async list(_request, { timeoutMs }) {
      told.push((timeoutMs() ?? 0) > 1000 && (timeoutMs() ?? 0) <= 5000);
      return { rows: [], hosts: [], epoch: "e", rev: 0n, nextPageToken: "", isInconsistent: false };
    },
  };
  const { client, callers, servers } = await serve(stack, handlers);
  await client.list({}, { timeoutMs: 5000 });
  assert.deepEqual(told, [true]);
  assert.deepEqual(servers.spans[0]?.parent, callers.spans[0]?.traceparent);
  assert.notEqual(callers.spans[0]?.traceparent, undefined);
});

test("what is no read of the fleet is carried too", async () => {
  await using stack = new AsyncDisposableStack();
  const { client } = await serve(stack, {
    async *attachTerminal({ input }) {
      for await (const data of input)
        yield create(AttachTerminalResponseSchema, { frame: { case: "end", value: { reason: String(data.length) } } });
    },
  });
  const steps = (async function* () {
    yield { step: { case: "open" as const, value: { agent: { name: "lead" } } } };
    yield { step: { case: "input" as const, value: { data: Buffer.from("k") } } };
  })();
  const output: unknown[] = [];
  for await (const { frame } of client.attachTerminal(steps)) output.push(frame.case);
  assert.deepEqual(output, ["end"]);
});

test("what is no FleetService is said to be none", async () => {
  const server = createServer((socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi"),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  await using connection = connectFleet({ kind: "tcp", hostname: "127.0.0.1", port: address.port }, { carrier: "http1" });
  await assert.rejects(connection.client.info({}), /unsupported content type text\/html/);
  server.close();
});

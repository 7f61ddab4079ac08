import assert from "node:assert/strict";
import { request as http1Request } from "node:http";
import { connect as http2Connect } from "node:http2";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { aborted, MosaicError, silentLog } from "@mosaic/core";
import { eventually, RecordingTracer, stubHandlers } from "@mosaic/testkit";
import { InfoResponseSchema, SendRequestSchema } from "@mosaic/wire";
import type { FleetHandlers } from "./fleet-handlers.ts";
import { LiveStreams } from "./live-streams.ts";
import { serveFleet } from "./serve-fleet.ts";

const INFO = "/mosaic.fleet.v1.FleetService/Info";
const SEND = "/mosaic.fleet.v1.FleetService/Send";

async function serve(stack: AsyncDisposableStack, handlers: Partial<FleetHandlers> = {}): Promise<number> {
  const listen = { kind: "tcp", hostname: "127.0.0.1", port: 0 } as const;
  const streams = new LiveStreams();
  const served = { handlers: stubHandlers(handlers), streams, listen: [listen], tracer: new RecordingTracer(), log: silentLog };
  const [endpoint] = stack.use(await serveFleet(served)).endpoints;
  assert.ok(endpoint?.kind === "tcp");
  return endpoint.port;
}

interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

function overConnect(port: number, path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const own = { "content-type": "application/proto", ...headers };
    const call = http1Request({ agent: false, port, host: "127.0.0.1", path, method: "POST", headers: own }, (reply) => {
      const pieces: Buffer[] = [];
      reply.on("data", (piece: Buffer) => pieces.push(piece));
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(pieces) }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

function overGrpc(port: number, path: string, body: Uint8Array, more: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const session = http2Connect(`http://127.0.0.1:${port}`);
    const own = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...more };
    const call = session.request(own);
    const pieces: Buffer[] = [];
    const headers: Record<string, unknown> = {};
    call.on("response", (head) => void Object.assign(headers, head));
    call.on("trailers", (trailers) => void Object.assign(headers, trailers));
    call.on("data", (piece: Buffer) => pieces.push(piece));
    call.on("error", reject);
    call.on("close", () => {
      session.close();
      resolve({ status: Number(headers[":status"]), headers, body: Buffer.concat(pieces) });
    });
    call.end(body);
  });
}

test("a call in binary is answered in its own protocol, with nothing around the message that it does not ask for", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await serve(stack);
  const connect = await overConnect(port, INFO, new Uint8Array());
  assert.equal(fromBinary(InfoResponseSchema, connect.body).id, "stub");
  assert.equal(connect.headers["content-length"], String(connect.body.length));
  const grpc = await overGrpc(port, INFO, encodeEnvelope(0, new Uint8Array()));
  assert.equal(fromBinary(InfoResponseSchema, grpc.body.subarray(5)).id, "stub");
  assert.deepEqual([grpc.status, grpc.headers["grpc-status"]], [200, "0"]);
});

test("a request larger than is read is refused by that name, in both protocols", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await serve(stack);
  const flood = new Uint8Array(2 * 1024 * 1024 + 10);
  const connect = await overConnect(port, SEND, flood);
  assert.equal(connect.status, 429);
  assert.match(connect.body.toString(), /resource_exhausted/);
  const grpc = await overGrpc(port, SEND, encodeEnvelope(0, flood));
  assert.equal(grpc.headers["grpc-status"], "8");
});

test("what is no request of one message is refused, and ends nothing else", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await serve(stack);
  const one = encodeEnvelope(0, new Uint8Array());
  const bad: [Uint8Array, string][] = [
    [new Uint8Array(), "12"],
    [Buffer.concat([one, one]), "12"],
    [encodeEnvelope(1, new Uint8Array()), "13"],
    [Buffer.from([0, 0, 0, 0, 9, 1]), "3"],
    [encodeEnvelope(0, Buffer.from([0xff, 0xff])), "3"],
  ];
  for (const [body, status] of bad) assert.equal((await overGrpc(port, SEND, body)).headers["grpc-status"], status, `${body}`);
  assert.equal((await overConnect(port, SEND, Buffer.from([0xff, 0xff]))).status, 400);
  assert.equal((await overGrpc(port, INFO, one, { "grpc-timeout": "soon" })).headers["grpc-status"], "3");
  assert.equal((await overConnect(port, INFO, new Uint8Array(), { "connect-timeout-ms": "soon" })).status, 400);
  assert.equal((await overGrpc(port, INFO, one, { "grpc-timeout": "99999999H" })).headers["grpc-status"], "0");
});

test("a handler's error says its code, its hint and when to come back, in both protocols", async () => {
  await using stack = new AsyncDisposableStack();
  const busy = new MosaicError("BUSY", "too much waits", { hint: "wait", retryAfterMs: 70 });
  const port = await serve(stack, { send: () => Promise.reject(busy) });
  const request = create(SendRequestSchema, { messageId: "m-1", text: "x", agent: { name: "lead" } });
  const bytes = toBinary(SendRequestSchema, request);
  const connect = await overConnect(port, SEND, bytes);
  assert.deepEqual([connect.status, connect.headers["grpc-retry-pushback-ms"]], [429, "70"]);
  assert.match(connect.body.toString(), /too much waits/);
  const grpc = await overGrpc(port, SEND, encodeEnvelope(0, bytes));
  assert.deepEqual([grpc.headers["grpc-status"], grpc.headers["grpc-retry-pushback-ms"]], ["8", "70"]);
  assert.ok(String(grpc.headers["grpc-status-details-bin"]).length > 10);
});

test("the signal of a call ends with its caller, its deadline and, when it went well, after it", async () => {
  await using stack = new AsyncDisposableStack();
  const signals: AbortSignal[] = [];
  let isHeld = true;
  const port = await serve(stack, {
    send: async (_request, { signal }) => {
      signals.push(signal);
      if (isHeld) await aborted(signal);
      signal.throwIfAborted();
      return {};
    },
  });
  const bytes = toBinary(SendRequestSchema, create(SendRequestSchema, { messageId: "m-1", text: "x", agent: { name: "lead" } }));
  const late = await overGrpc(port, SEND, encodeEnvelope(0, bytes), { "grpc-timeout": "20m" });
  assert.equal(late.headers["grpc-status"], "4");
  assert.equal((await overConnect(port, SEND, bytes, { "connect-timeout-ms": "20" })).status, 504);
  const left = http1Request({ agent: false, port, path: SEND, method: "POST", headers: { "content-type": "application/proto" } });
  left.on("error", () => {});
  left.end(bytes);
  await eventually("the third call is there", async () => signals.length === 3);
  assert.equal(signals[2]?.aborted, false);
  left.destroy();
  await eventually("its handler is told that its caller left", async () => signals[2]?.aborted === true);
  isHeld = false;
  assert.equal((await overConnect(port, SEND, bytes)).status, 200);
  assert.equal(signals[3]?.aborted, true, "what hangs on it lets go");
});

test("what is left of a caller's time is told in whole ms, since gRPC refuses to pass on anything else", async () => {
  await using stack = new AsyncDisposableStack();
  const left: (number | undefined)[] = [];
  const port = await serve(stack, {
    send: async (_request, { timeoutMs }) => {
      // So that it is no whole number by itself.
      await new Promise((resolve) => setImmediate(resolve));
      left.push(timeoutMs());
      return {};
    },
  });
  const bytes = toBinary(SendRequestSchema, create(SendRequestSchema, { messageId: "m-1", text: "x", agent: { name: "lead" } }));
  await overGrpc(port, SEND, encodeEnvelope(0, bytes), { "grpc-timeout": "60S" });
  await overConnect(port, SEND, bytes, { "connect-timeout-ms": "60000" });
  await overConnect(port, SEND, bytes);
  assert.deepEqual(
    left.map((ms) => ms === undefined || (Number.isInteger(ms) && ms > 0 && ms <= 60_000)),
    [true, true, true],
    left.join(),
  );
  assert.equal(left[2], undefined);
});

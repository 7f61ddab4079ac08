import assert from "node:assert/strict";
import { once } from "node:events";
import { constants, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { InfoResponseSchema } from "@mosaic/wire";
import { fromConnectError } from "../error-mapping.ts";
import { connectFleet, connectOver } from "./connect-fleet.ts";

const answer = encodeEnvelope(0, toBinary(InfoResponseSchema, create(InfoResponseSchema, { id: "there" })));
const GRPC = { ":status": 200, "content-type": "application/grpc+proto" };

const taken = () => assert.fail("it was taken for an answer");

/** A server of one's own making, and a client of it. */
async function serve(stack: AsyncDisposableStack, reply: (stream: ServerHttp2Stream) => void) {
  const server: Http2Server = createServer();
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
    reply(stream);
  });
  server.on("session", (session) => stack.defer(() => session.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => void server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const { client } = stack.use(connectFleet({ kind: "tcp", hostname: "127.0.0.1", port: address.port }));
  return client;
}

const withTrailers = (stream: ServerHttp2Stream, trailers: Record<string, string>, body: Uint8Array = Buffer.alloc(0)) => {
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(body);
};

test("an answer is one message and a status; both are told to who asks for headers", async () => {
  await using stack = new AsyncDisposableStack();
  const client = await serve(stack, (stream) => withTrailers(stream, { "grpc-status": "0", "x-said": "behind" }, answer));
  const said: (string | null)[] = [];
  const onHeader = (header: Headers) => void said.push(header.get("content-type"));
  const onTrailer = (trailer: Headers) => void said.push(trailer.get("x-said"));
  assert.equal((await client.info({}, { onHeader, onTrailer })).id, "there");
  assert.deepEqual(said, ["application/grpc+proto", "behind"]);
});

test("an error is told by its status, behind the header or within it", async () => {
  await using stack = new AsyncDisposableStack();
  let isBehind = true;
  const client = await serve(stack, (stream) => {
    const status = { "grpc-status": "8", "grpc-message": "too%20much", "grpc-retry-pushback-ms": "70" };
    if (isBehind) withTrailers(stream, status);
    else stream.respond({ ...GRPC, ...status }, { endStream: true });
  });
  for (const each of [true, false]) {
    isBehind = each;
    const error = await client.info({}).then(taken, (thrown: unknown) => fromConnectError(thrown, "info"));
    assert.equal(error.code, "BUSY", error.message);
    assert.match(error.message, /too much/);
  }
});

test("a call whose stream is refused, because a goodbye crossed it, is made once more; not twice", async () => {
  await using stack = new AsyncDisposableStack();
  let refusals = 1;
  let asked = 0;
  const client = await serve(stack, (stream) => {
    asked += 1;
    if (refusals-- > 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else withTrailers(stream, { "grpc-status": "0" }, answer);
  });
  assert.equal((await client.info({})).id, "there");
  assert.equal(asked, 2);
  refusals = 9;
  const error = await client.info({}).then(taken, (thrown: unknown) => fromConnectError(thrown, "info"));
  assert.equal(error.code, "HOST_UNREACHABLE");
  assert.equal(asked, 4);
});

const BAD: readonly [string, string, (stream: ServerHttp2Stream) => void][] = [
  ["no gRPC", "INTERNAL", (stream) => stream.respond({ ":status": 200, "content-type": "text/html" }, { endStream: true })],
  ["another path", "NOT_HERE", (stream) => stream.respond({ ":status": 404 }, { endStream: true })],
  ["no message", "NOT_HERE", (stream) => withTrailers(stream, { "grpc-status": "0" })],
  ["two messages", "NOT_HERE", (stream) => withTrailers(stream, { "grpc-status": "0" }, Buffer.concat([answer, answer]))],
  ["no status", "INTERNAL", (stream) => withTrailers(stream, { "x-said": "nothing" }, answer)],
  ["a reset", "HOST_UNREACHABLE", (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
  [
    "a reset in the middle",
    "HOST_UNREACHABLE",
    (stream) => {
      stream.respond(GRPC, { waitForTrailers: true });
      stream.write(answer, () => stream.close(constants.NGHTTP2_CANCEL));
    },
  ],
];

for (const [what, code, reply] of BAD) {
  test(`${what} is no answer, and says so`, async () => {
    await using stack = new AsyncDisposableStack();
    const client = await serve(stack, reply);
    const error = await client.info({}).then(taken, (thrown: unknown) => fromConnectError(thrown, "info"));
    assert.equal(error.code, code, error.message);
  });
}

test("a call's time ends also while its connection is not made, and so does its caller's patience", async () => {
  await using stack = new AsyncDisposableStack();
  const never = connect({ host: "nowhere.test", port: 1, lookup: () => {} });
  stack.defer(() => void never.destroy());
  const { client } = stack.use(connectOver(never));
  const codeOf = (thrown: unknown) => fromConnectError(thrown, "info").code;
  assert.equal(await client.info({}, { timeoutMs: 20 }).then(taken, codeOf), "DEADLINE");
  const caller = new AbortController();
  const left = client.info({}, { signal: caller.signal }).then(taken, codeOf);
  caller.abort();
  assert.equal(await left, "CANCELLED");
});

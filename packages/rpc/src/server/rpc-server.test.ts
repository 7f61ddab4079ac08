import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, MosaicError, passThroughTracer, silentLog } from "@mosaic/core";
import { stubHandlers } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import { connectFleet } from "../client/connect-fleet.ts";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";
import { fromConnectError } from "../error-mapping.ts";
import { LiveStreams } from "./live-streams.ts";
import { assertMayListen } from "./rpc-server.ts";
import { serveFleet } from "./serve-fleet.ts";

const anyPort: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 0 };

function serve(listen: readonly Endpoint[], handlers = stubHandlers(), streams = new LiveStreams()) {
  return serveFleet({ handlers, streams, listen, tracer: passThroughTracer, log: silentLog });
}

async function folder(stack: AsyncDisposableStack): Promise<string> {
  const path = await mkdtemp(`${tmpdir()}/mosaic-rpc-`);
  stack.defer(() => rm(path, { recursive: true }));
  return path;
}

const isError = (code: string) => (thrown: unknown) =>
  thrown instanceof MosaicError && thrown.code === code && thrown.hint !== undefined;

test("plain text is served on loopback and Unix sockets only", async () => {
  for (const hostname of ["0.0.0.0", "::", "192.168.1.4", "example.org", "127.0.0.1.example.org"]) {
    await assert.rejects(async () => serve([{ kind: "tcp", hostname, port: 0 }]), isError("NOT_ALLOWED"), hostname);
    assert.throws(() => assertMayListen({ kind: "tcp", hostname, port: 1 }), isError("NOT_ALLOWED"), hostname);
  }
  for (const hostname of ["127.0.0.1", "127.8.8.8", "::1", "localhost"]) assertMayListen({ kind: "tcp", hostname, port: 1 });
});

test("a Unix socket is its owner's alone, serves, and is gone afterwards", async () => {
  await using stack = new AsyncDisposableStack();
  const path = `${await folder(stack)}/node.sock`;
  const server = await serve([{ kind: "unix", path }]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const { client } = stack.use(connectFleet({ kind: "unix", path }));
  assert.equal((await client.info({})).id, "stub");
  await server[Symbol.asyncDispose]();
  await assert.rejects(stat(path), /ENOENT/);
});

test("handlers are told how they were reached", async () => {
  await using stack = new AsyncDisposableStack();
  const path = `${await folder(stack)}/node.sock`;
  const carriers: string[] = [];
  const handlers = stubHandlers({
    info: ({ carrier }) => {
      carriers.push(carrier);
      return {};
    },
  });
  const server = stack.use(await serve([{ kind: "unix", path }, anyPort], handlers));
  for (const endpoint of server.endpoints) await stack.use(connectFleet(endpoint)).client.info({});
  assert.deepEqual(carriers, ["unix", "tcp"]);
});

test("a request of HTTP/1.0, which names no host, is answered and does not end the daemon", async () => {
  await using stack = new AsyncDisposableStack();
  const path = `${await folder(stack)}/node.sock`;
  stack.use(await serve([{ kind: "unix", path }]));
  const socket = connect(path);
  socket.write(
    "POST /mosaic.fleet.v1.FleetService/Info HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(String(answer), /^HTTP\/1\.1 200 OK.*stub/s);
  socket.destroy();
  assert.equal((await stack.use(connectFleet({ kind: "unix", path })).client.info({})).id, "stub");
});

test("where one address is taken, none is served, and it is said which", async () => {
  await using stack = new AsyncDisposableStack();
  const [taken] = stack.use(await serve([anyPort])).endpoints;
  assert.ok(taken);
  const path = `${await folder(stack)}/node.sock`;
  await assert.rejects(
    serve([{ kind: "unix", path }, taken]),
    (thrown) => isError("ALREADY_RUNNING")(thrown) && String(thrown).includes(formatEndpoint(taken)),
  );
  await assert.rejects(stat(path), /ENOENT/, "the socket that was made first is gone again");
});

test("stopping ends running calls at once, and clients are told", { timeout: 10_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const streams = new LiveStreams();
  const handlers = stubHandlers({
    async *watch(_request, { signal }) {
      yield create(WatchResponseSchema, { frame: { case: "reset", value: {} } });
      await aborted(signal);
    },
  });
  const server = await serve([anyPort], handlers, streams);
  const [endpoint = anyPort] = server.endpoints;
  const { client } = stack.use(connectFleet(endpoint));
  const frames = client.watch({})[Symbol.asyncIterator]();
  await frames.next();
  const [ended] = await Promise.all([frames.next().catch((thrown: unknown) => thrown), server[Symbol.asyncDispose]()]);
  assert.deepEqual(streams.counts(), {});
  if (ended instanceof Error) assert.notEqual(fromConnectError(ended, "watch").code, "INTERNAL", String(ended));
  const refused = await client.info({}, { timeoutMs: 2000 }).catch((thrown: unknown) => thrown);
  assert.equal(fromConnectError(refused, "info").code, "HOST_UNREACHABLE");
});

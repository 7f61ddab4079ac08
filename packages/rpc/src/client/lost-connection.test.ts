import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, passThroughTracer, silentLog } from "@mosaic/core";
import { stubHandlers } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import type { Endpoint } from "../endpoint.ts";
import { fromConnectError } from "../error-mapping.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { serveFleet } from "../server/serve-fleet.ts";
import { connectFleet } from "./connect-fleet.ts";

/** A server that never answers Send and never ends Watch, behind a wire that can be cut, which kills no more than the wire. */
async function behindWire(stack: AsyncDisposableStack, carrier: "http1" | "http2") {
  const handlers = stubHandlers({
    send: ({ text: _ }, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    async *watch(_request, { signal }) {
      yield create(WatchResponseSchema, { frame: { case: "reset", value: {} } });
      await aborted(signal);
    },
  });
  const listen: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 0 };
  const server = stack.use(
    await serveFleet({ handlers, streams: new LiveStreams(), listen: [listen], tracer: passThroughTracer, log: silentLog }),
  );
  const [endpoint] = server.endpoints;
  assert.ok(endpoint?.kind === "tcp");
  const wires = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(endpoint.port, "127.0.0.1");
    for (const socket of [near, far]) wires.add(socket.on("error", () => {}));
    near.pipe(far);
    far.pipe(near);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  stack.defer(() => void proxy.close());
  const address = proxy.address();
  assert.ok(typeof address === "object" && address);
  const { client } = stack.use(connectFleet({ kind: "tcp", hostname: "127.0.0.1", port: address.port }, { carrier }));
  const cut = (how: "destroy" | "resetAndDestroy") => {
    for (const socket of wires) socket[how]();
  };
  stack.defer(() => cut("destroy"));
  return { client, cut };
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "none",
    (thrown: unknown) => fromConnectError(thrown, "call").code,
  );
const message = { agent: { name: "lead" }, messageId: "m", text: "x" };

for (const carrier of ["http1", "http2"] as const) {
  for (const how of ["destroy", "resetAndDestroy"] as const) {
    test(`over ${carrier}, a connection that breaks (${how}) makes the server unreachable, to a stream and to a call`, {
      timeout: 10_000,
    }, async () => {
      await using stack = new AsyncDisposableStack();
      const { client, cut } = await behindWire(stack, carrier);
      const frames = client.watch({})[Symbol.asyncIterator]();
      await frames.next();
      const calls = [codeOf(frames.next()), codeOf(client.send(message))];
      await client.info({});
      cut(how);
      assert.deepEqual(await Promise.all(calls), ["HOST_UNREACHABLE", "HOST_UNREACHABLE"]);
      assert.equal((await client.info({})).id, "stub", "the next call connects anew");
    });
  }

  test(`over ${carrier}, what the caller cancelled or gave no more time stays that`, { timeout: 10_000 }, async () => {
    await using stack = new AsyncDisposableStack();
    const { client } = await behindWire(stack, carrier);
    const call = new AbortController();
    const frames = client.watch({}, { signal: call.signal })[Symbol.asyncIterator]();
    await frames.next();
    const ended = codeOf(frames.next());
    call.abort();
    assert.equal(await ended, "CANCELLED");
    assert.equal(await codeOf(client.send(message, { signal: AbortSignal.abort() })), "CANCELLED");
    assert.equal(await codeOf(client.send(message, { timeoutMs: 30 })), "DEADLINE");
  });

  test(`over ${carrier}, a socket that is not there makes the server unreachable`, async () => {
    await using connection = connectFleet({ kind: "unix", path: "/nonexistent/mosaic/node.sock" }, { carrier });
    const thrown = await connection.client.info({}).catch((reason: unknown) => reason);
    assert.equal(fromConnectError(thrown, "call").code, "HOST_UNREACHABLE");
    assert.match(String(thrown), /ENOENT/);
  });
}

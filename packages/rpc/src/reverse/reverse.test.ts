import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, passThroughTracer, silentLog } from "@mosaic/core";
import { eventually, realClock, stubHandlers } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import type { Endpoint } from "../endpoint.ts";
import { statusNameOf } from "../error-mapping.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { serveFleet } from "../server/serve-fleet.ts";
import { type DialInDoorOptions, type DialledIn, openDialInDoor } from "./dial-in-door.ts";
import { dialOut, redialDelayMs } from "./dial-out.ts";

const anyPort: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 0 };
const quick = {
  clock: { ...realClock, sleep: (_ms: number, signal: AbortSignal) => realClock.sleep(5, signal) },
  random: () => 0,
};

/** A host that dials out, and the door it comes in by. */
async function setUp(stack: AsyncDisposableStack, handlers: Partial<FleetHandlers> = {}, door: Partial<DialInDoorOptions> = {}) {
  const arrived: DialledIn[] = [];
  const onHost = (host: DialledIn) => arrived.push(host) > 0;
  const opened = stack.use(await openDialInDoor({ listen: anyPort, log: silentLog, onHost, ...door }));
  const streams = new LiveStreams();
  const infoOf = () => ({ id: "h-1", tenantId: "team-a", host: "alpha", protocolVersion: 1 });
  const server = stack.use(
    await serveFleet({
      handlers: stubHandlers({ info: infoOf, ...handlers }),
      ...{ streams, listen: [], tracer: passThroughTracer, log: silentLog },
    }),
  );
  const dial = stack.use(dialOut({ endpoint: opened.endpoint, server, log: silentLog, ...quick }));
  const arrival = async (count: number) => {
    await eventually(`arrival ${count}`, () => arrived.length >= count);
    return arrived[count - 1] as DialledIn;
  };
  return { arrival, arrived, dial, streams, opened };
}

/** A stream that never ends by itself. */
const endless: Pick<FleetHandlers, "watch"> = {
  async *watch(_request, { signal }) {
    yield create(WatchResponseSchema, { frame: { case: "reset", value: { epoch: "e" } } });
    await aborted(signal);
  },
};

test("a host that dials in serves calls and streams on its own connection", async () => {
  await using stack = new AsyncDisposableStack();
  const carriers: string[] = [];
  const handlers = { ...endless, list: async (_request: unknown, { carrier }: { carrier: string }) => noRows(carriers, carrier) };
  const { arrival, dial, streams } = await setUp(stack, handlers as Partial<FleetHandlers>);
  const { info, connection } = await arrival(1);
  assert.deepEqual([info.tenantId, info.host, info.id], ["team-a", "alpha", "h-1"]);
  await connection.client.list({});
  assert.deepEqual(carriers, ["tcp"]);
  const calls = Array.from({ length: 100 }, () => new AbortController());
  const watches = calls.map(async ({ signal }) => {
    for await (const _frame of connection.client.watch({}, { signal }));
  });
  await eventually("100 streams", () => streams.counts()["Watch"] === 100);
  for (const call of calls) call.abort();
  await Promise.allSettled(watches);
  await eventually("no handler is left", () => (streams.counts()["Watch"] ?? 0) === 0);
  assert.deepEqual(dial.state, { isConnected: true, detail: "" });
});

test("when the connection is cut, calls are UNAVAILABLE, handlers end, and the host dials again", async () => {
  await using stack = new AsyncDisposableStack();
  const { arrival, streams } = await setUp(stack, endless);
  const first = await arrival(1);
  const watching = (async () => {
    for await (const _frame of first.connection.client.watch({}));
  })();
  await eventually("a stream", () => streams.counts()["Watch"] === 1);
  await first.connection[Symbol.asyncDispose]();
  await assert.rejects(watching);
  await first.closed;
  await eventually("its handler ended", () => (streams.counts()["Watch"] ?? 0) === 0);
  await assert.rejects(first.connection.client.info({}), (thrown) => statusNameOf(thrown) === "UNAVAILABLE");
  const second = await arrival(2);
  assert.equal((await second.connection.client.info({})).id, "h-1");
});

test("a host finds the aggregator again after its restart", async () => {
  await using stack = new AsyncDisposableStack();
  const { arrival, arrived, dial, opened } = await setUp(stack);
  const { closed } = await arrival(1);
  await opened[Symbol.asyncDispose]();
  await closed;
  await eventually("it is known at the host", () => /refused|ended/.test(dial.state.detail));
  const onHost = (host: DialledIn) => arrived.push(host) > 0;
  stack.use(await openDialInDoor({ listen: opened.endpoint, log: silentLog, onHost }));
  await arrival(2);
  await eventually("it is known at the host", () => dial.state.isConnected);
});

test("who is not expected, or does not say who it is, is hung up on, and a crowd of such keeps nobody else's memory", async () => {
  await using stack = new AsyncDisposableStack();
  const hungUp = await setUp(stack, {}, { onHost: () => false });
  await eventually(
    "it was refused and dials again",
    () => !hungUp.dial.state.isConnected && /ended/.test(hungUp.dial.state.detail),
  );
  const door = stack.use(await openDialInDoor({ listen: anyPort, log: silentLog, onHost: () => true, maxUnknown: 2 }));
  assert.ok(door.endpoint.kind === "tcp");
  const { port } = door.endpoint;
  const mute = Array.from({ length: 5 }, () => connect(port, "127.0.0.1"));
  stack.defer(() => {
    for (const socket of mute) socket.destroy();
  });
  const closed = mute.map((socket) => once(socket.on("error", () => {}).resume(), "close"));
  await Promise.any(closed);
  // Three more than may be unknown at a time; which ones is not said.
  let closedCount = 0;
  for (const each of closed) void each.then(() => (closedCount += 1));
  await eventually("the crowd is cut off", () => closedCount >= 3);
  mute[0]?.destroy();
});

test("a line on which nothing moves any more is given up by the host, which dials again", async () => {
  await using stack = new AsyncDisposableStack();
  const held: Socket[] = [];
  // Between both stands one that takes everything and passes on nothing: as a cable that was pulled.
  const hole = createServer((socket) => void held.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => hole.listen(0, "127.0.0.1", resolve));
  stack.defer(() => {
    for (const socket of held) socket.destroy();
    hole.close();
  });
  const { port } = hole.address() as { port: number };
  const server = stack.use(
    await serveFleet({
      handlers: stubHandlers(),
      streams: new LiveStreams(),
      listen: [],
      tracer: passThroughTracer,
      log: silentLog,
    }),
  );
  const impatient = { adopt: withShortOpening(server.adopt) };
  stack.use(dialOut({ endpoint: { kind: "tcp", hostname: "127.0.0.1", port }, server: impatient, log: silentLog, ...quick }));
  await eventually("it dialled again", () => held.length >= 2);
});

test("the waits between attempts double up to a minute, with full jitter", () => {
  assert.deepEqual(
    [1, 2, 3, 20].map((failures) => redialDelayMs(failures, () => 1)),
    [2000, 4000, 8000, 60_000],
  );
  assert.equal(
    redialDelayMs(20, () => 0),
    6000,
  );
});

function noRows(carriers: string[], carrier: string) {
  carriers.push(carrier);
  return { rows: [], hosts: [], epoch: "e", rev: 0n, nextPageToken: "", isInconsistent: false };
}

// The server gives up on a connection that says nothing within 10 s; no test waits so long.
function withShortOpening(adopt: (socket: Socket) => void) {
  return (socket: Socket) => {
    adopt(socket);
    socket.setTimeout(50, () => socket.destroy());
  };
}

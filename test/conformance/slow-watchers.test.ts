import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:http2";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connectFleet, type Endpoint, type FleetClient } from "@mosaic/rpc";
import { eventually, FakeHost, realClock, WatchReader } from "@mosaic/testkit";
import { startFakeNode } from "./start-fakes.ts";
import { openStuckClients } from "./stuck-clients.ts";

/** How a snapshot fills what the server may buffer (64 KiB): with many frames, of which the last waits in a queue, or with
 *  one frame larger than that, which waits in the middle of being written. The second is what used to leak. */
type Shape = "many small rows" | "one large row";
const SMALL_ROWS = 400;
const LARGE_ROW_BYTES = 200_000;

interface Server {
  readonly host: FakeHost;
  readonly client: FleetClient;
  readonly port: number;
  /** A healthy watcher that is past its snapshot. */
  readonly healthy: WatchReader;
}

async function startServer(stack: AsyncDisposableStack, shape: Shape, pingIntervalMs = 20_000): Promise<Server> {
  const host = new FakeHost({ tenantId: "team-a", host: "alpha", clock: realClock, agents: ["lead"] });
  if (shape === "one large row") host.startSession("a-large-one", "x".repeat(LARGE_ROW_BYTES));
  else for (let index = 1; index < SMALL_ROWS; index += 1) host.startSession(`crowd-${index}`);
  const listen: Endpoint[] = [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }];
  const node = stack.use(await startFakeNode(host, listen, { pingIntervalMs }));
  const [endpoint] = node.endpoints;
  assert.ok(endpoint?.kind === "tcp");
  const { client } = stack.use(connectFleet(endpoint));
  const healthy = stack.use(new WatchReader(client, {}, {}));
  await healthy.snapshot();
  return { host, client, port: endpoint.port, healthy };
}

async function startChild(stack: AsyncDisposableStack, port: number, count: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("stuck-clients.ts", import.meta.url)), String(port), String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  stack.defer(() => void child.kill("SIGKILL"));
  await new Promise((resolve, reject) => {
    child.stdout?.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`the clients ended with ${code}`)));
  });
  return child;
}

/** A change that the healthy watcher gets to see. */
async function assertDeltasFlow({ host, healthy }: Server, name: string): Promise<void> {
  host.startSession(name);
  await healthy.until(({ frame }) => frame.case === "upsert" && frame.value.name === name);
}

async function watches({ client }: Server): Promise<number> {
  return (await client.info({})).liveStreams["Watch"] ?? 0;
}

async function untilWatches(server: Server, count: number): Promise<void> {
  await eventually(`${count} watches are served`, async () => (await watches(server)) === count);
}

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

describe("watchers that do not read", () => {
  for (const shape of ["one large row", "many small rows"] as const) {
    test(`stuck in ${shape}, 200 vanish in three ways, no handler stays, and a healthy one misses nothing`, { timeout: 60_000 }, () => {
      return assertNoneStays(shape);
    });
  }

  async function assertNoneStays(shape: Shape): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const server = await startServer(stack, shape);
    const cut = await openStuckClients(server.port, 70);
    const reset = await openStuckClients(server.port, 60);
    const child = await startChild(stack, server.port, 70);
    await untilWatches(server, 201);
    for (let round = 0; round < 20; round += 1) await assertDeltasFlow(server, `while-stuck-${round}`);
    assert.equal(await watches(server), 201, "stuck watchers are served on");
    for (const { session } of cut) session.socket.destroy();
    await assertDeltasFlow(server, "after-the-cut");
    for (const { stream } of reset) stream.close(constants.NGHTTP2_CANCEL);
    await assertDeltasFlow(server, "after-the-reset");
    child.kill("SIGKILL");
    await assertDeltasFlow(server, "after-the-kill");
    await untilWatches(server, 1);
    await assertDeltasFlow(server, "after-all");
    for (const { session } of reset) session.destroy();
  }

  test("over HTTP/1.1 they are let go of as well", { timeout: 60_000 }, async () => {
    await using stack = new AsyncDisposableStack();
    const server = await startServer(stack, "one large row");
    const body = Buffer.from([0, 0, 0, 0, 0]);
    const head = "POST /mosaic.fleet.v1.FleetService/Watch HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/connect+proto\r\ncontent-length: 5\r\n\r\n";
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect({ port: server.port, host: "127.0.0.1", onread: { buffer: Buffer.alloc(512), callback: () => false } });
        await new Promise((resolve) => socket.once("connect", resolve));
        socket.write(Buffer.concat([Buffer.from(head), body]));
        return socket;
      }),
    );
    await untilWatches(server, 21);
    for (let round = 0; round < 5; round += 1) await assertDeltasFlow(server, `while-stuck-${round}`);
    for (const socket of sockets) socket.destroy();
    await untilWatches(server, 1);
  });

  test("one that was stopped is dropped by the server's ping, and one that only does not read is not", { timeout: 60_000 }, async () => {
    await using stack = new AsyncDisposableStack();
    const server = await startServer(stack, "one large row", 400);
    const child = await startChild(stack, server.port, 10);
    await untilWatches(server, 11);
    // Three pings that the clients answer, told by the server's own clock.
    const untilMs = performance.now() + 1300;
    await eventually("three pings were answered", () => performance.now() > untilMs);
    assert.equal(await watches(server), 11);
    child.kill("SIGSTOP");
    await untilWatches(server, 1);
    await assertDeltasFlow(server, "after-the-stop");
  });

  test("each costs the server less than 512 KiB, and not more for all that happens meanwhile", { timeout: 60_000 }, async (context) => {
    await using stack = new AsyncDisposableStack();
    const server = await startServer(stack, "many small rows");
    const warmUp = await startChild(stack, server.port, 50);
    await untilWatches(server, 51);
    warmUp.kill("SIGKILL");
    await untilWatches(server, 1);
    const before = usedBytes();
    await startChild(stack, server.port, 100);
    await untilWatches(server, 101);
    const perClient = (usedBytes() - before) / 100;
    for (let round = 0; round < 200; round += 1) await assertDeltasFlow(server, `crowd-${1 + round}`);
    const later = (usedBytes() - before) / 100;
    context.diagnostic(`${Math.round(perClient / 1024)} KiB per stuck client, ${Math.round(later / 1024)} KiB after 200 more changes`);
    assert.ok(perClient < 512 * 1024, `${perClient} bytes each`);
    assert.ok(later < 512 * 1024, `${later} bytes each after 200 changes`);
  });
});

import assert from "node:assert/strict";
import { constants } from "node:http2";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { openStuckClients } from "./stuck-clients.ts";
import { assertDeltasFlow, type Shape, startChild, startServer, untilWatches, watches } from "./stuck-server.ts";

// Node 20 leaks here without `releaseWhenClosed` (5 of 5 clients, whatever the size of the frames); Node 24.21 fails the
// pending writes by itself. So this test holds the promise, and request-listener.test.ts holds our own part of it.

/** A client of a busy machine answers within this time, in ms. */
const PING_MS = 1500;

describe("watchers that do not read", () => {
  for (const shape of ["one large row", "many small rows"] as const) {
    test(`stuck in ${shape}, 200 vanish in three ways, no handler stays, and a healthy one misses nothing`, {
      timeout: 60_000,
    }, () => {
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
    const head =
      "POST /mosaic.fleet.v1.FleetService/Watch HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/connect+proto\r\ncontent-length: 5\r\n\r\n";
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect({
          port: server.port,
          host: "127.0.0.1",
          onread: { buffer: Buffer.alloc(512), callback: () => false },
        });
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

  test("one that was stopped is dropped by the server's ping, and one that only does not read is not", {
    timeout: 60_000,
  }, async () => {
    await using stack = new AsyncDisposableStack();
    const server = await startServer(stack, "one large row", PING_MS);
    const child = await startChild(stack, server.port, 10);
    await untilWatches(server, 11);
    // Three pings that the clients answer, told by the server's own clock.
    const untilMs = performance.now() + 3.25 * PING_MS;
    await eventually("three pings were answered", () => performance.now() > untilMs);
    assert.equal(await watches(server), 11);
    child.kill("SIGSTOP");
    await untilWatches(server, 1);
    await assertDeltasFlow(server, "after-the-stop");
  });
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { silentLog } from "@mosaic/core";
import { eventually } from "@mosaic/testkit";
import { createProtocolMux, type ProtocolMuxOptions } from "./protocol-mux.ts";

/** A mux whose every answer names the protocol that it heard. */
async function listen(stack: AsyncDisposableStack, options: Partial<ProtocolMuxOptions> = {}): Promise<number> {
  const handle: ProtocolMuxOptions["handle"] = (request, response) =>
    void response.end(`HTTP/${request.httpVersion} ${request.url}`);
  const server = createProtocolMux({ handle, log: silentLog, ...options });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  return address.port;
}

/** What a socket gets in answer to some bytes, until its end. */
async function exchange(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  let received = "";
  socket.on("data", (data) => {
    received += data;
  });
  // A reset is an end like any other here.
  socket.on("error", () => {});
  for (const piece of pieces) {
    socket.write(piece);
    // So that it arrives by itself; should it come with the next one, that is no fault either.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (!socket.closed) await once(socket, "close");
  return received;
}

async function http2Get(port: number, path: string): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ":path": path });
  let received = "";
  for await (const data of stream) received += data;
  session.close();
  return received;
}

const GET = "GET /x HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";

test("HTTP/1.1 and HTTP/2 are served on one port", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack);
  assert.match(await exchange(port, GET), /^HTTP\/1\.1 200 OK.*HTTP\/1\.1 \/x/s);
  assert.equal(await http2Get(port, "/y"), "HTTP/2.0 /y");
});

test("it does not matter how the first bytes are cut", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack);
  assert.match(await exchange(port, ...GET.slice(0, 12), GET.slice(12)), /HTTP\/1\.1 \/x/);
  const post = GET.replace("GET", "PROPFIND");
  assert.match(await exchange(port, ...post.slice(0, 4), post.slice(4)), /HTTP\/1\.1 \/x/, "begins like the preface");
  // A client's preface and an empty SETTINGS frame; a server that understands answers with SETTINGS of its own.
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0";
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  for (const byte of preface) {
    socket.write(Buffer.from(byte, "latin1"));
    // As above.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.equal(answer[3], 4, "the first frame is SETTINGS");
  socket.destroy();
});

test("a keep-alive connection serves one request after the other", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack);
  const first = GET.replace("connection: close\r\n", "");
  assert.match(await exchange(port, first, GET.replace("/x", "/second")), /HTTP\/1\.1 \/x.*HTTP\/1\.1 \/second/s);
});

test("bytes that are no HTTP are answered with 400 and the door, and the server goes on", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack);
  for (const garbage of [
    "\u0016\u0003\u0001\u0002\0\u0001",
    "hello\r\n\r\n",
    "GET\r\n\r\n",
    "\0".repeat(1000),
    "X".repeat(100_000),
  ]) {
    const answer = await exchange(port, garbage);
    assert.match(answer, /^(HTTP\/1\.1 4\d\d .*)?$/s, JSON.stringify(garbage.slice(0, 10)));
  }
  await exchange(port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u00ff".repeat(500));
  assert.match(await exchange(port, GET), /HTTP\/1\.1 \/x/);
});

test("who connects and says nothing, or says it too slowly, is let go of", { timeout: 20_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack, { openingTimeoutMs: 100 });
  assert.equal(await exchange(port), "", "nothing");
  assert.equal(await exchange(port, "P"), "", "nearly nothing");
  assert.match(await exchange(port, "GET / HTTP/1.1\r\n"), /^HTTP\/1\.1 408/, "half a header");
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  let isClosed = false;
  socket.on("close", () => {
    isClosed = true;
  });
  socket.write("GET / HTTP/1.1\r\n");
  await eventually("a header that never ends", () => {
    if (!isClosed) socket.write("x: y\r\n");
    return isClosed;
  });
});

test("an HTTP/2 client that answers pings stays, one that does not is let go of", { timeout: 20_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack, { pingIntervalMs: 100 });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  let pings = 0;
  session.on("ping", () => {
    pings += 1;
  });
  const received = await exchange(port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
  assert.notEqual(received, "");
  await eventually("several pings", () => pings >= 3);
  assert.equal(session.destroyed, false);
  session.destroy();
});

test("a header that is too large is refused on both protocols, and one with a capability is not", async () => {
  await using stack = new AsyncDisposableStack();
  const port = await listen(stack);
  const withHeader = (bytes: number) =>
    `GET /x HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nx: ${"y".repeat(bytes)}\r\n\r\n`;
  assert.match(await exchange(port, withHeader(20_000)), /^HTTP\/1\.1 200 /);
  assert.match(await exchange(port, withHeader(40_000)), /^HTTP\/1\.1 400 /);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  stack.defer(() => session.destroy());
  session.on("error", () => {});
  const statusOf = async (headers: Record<string, string>) => {
    const stream = session.request({ ":path": "/x", ...headers });
    stream.on("error", () => {});
    let status: unknown;
    stream.on("response", (response) => {
      status = response[":status"];
    });
    stream.resume();
    await new Promise((resolve) => stream.once("close", resolve));
    return status;
  };
  assert.equal(await statusOf({ x: "y".repeat(20_000) }), 200);
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`x-${index}`, "y"]));
  assert.notEqual(await statusOf(many), 200);
  assert.equal(await http2Get(port, "/y"), "HTTP/2.0 /y");
});

test("an HTTP/2 connection without a call is let go of, one with a call is not", { timeout: 20_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const waiting: (() => void)[] = [];
  const handle: ProtocolMuxOptions["handle"] = (_request, response) => void waiting.push(() => void response.end("done"));
  const port = await listen(stack, { handle, unusedTimeoutMs: 300 });
  const unused = connectHttp2(`http://127.0.0.1:${port}`);
  const used = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = used.request({ ":path": "/x" });
  stream.setEncoding("utf8");
  await once(unused, "close");
  assert.equal(used.destroyed, false);
  waiting[0]?.();
  const [data] = await once(stream, "data");
  assert.equal(data, "done");
  stream.resume();
  await once(used, "close");
});

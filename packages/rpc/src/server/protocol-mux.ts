import { createServer as createHttp1Server, type Server as Http1Server } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "@mosaic/core";
import type { requestListener } from "./request-listener.ts";

/** How long a connection may take to say what it speaks, and an HTTP/1.1 request for its header, in ms. */
const OPENING_TIMEOUT_MS = 10_000;
/** How often Node looks for HTTP/1.1 requests that take too long, in ms. */
const SLOWNESS_CHECK_MS = 5_000;
/** How often an HTTP/2 client is asked whether it lives, and how long it may take to say so, in ms (gRPC A8, A9). */
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 10_000;
/** How long an HTTP/2 connection may stay without a call, in ms: whoever has something to ask connects again. */
const UNUSED_TIMEOUT_MS = 600_000;
/** A call of ours has about 10 headers; a capability makes them 8 KiB long, and 16 are taken. */
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_HEADERS = 100;
/** More connections than any fleet needs, and fewer than a process has file descriptors for. */
const MAX_CONNECTIONS = 20_000;

export interface ProtocolMuxOptions {
  readonly handle: ReturnType<typeof requestListener>;
  readonly log: Log;
  /** Default 20 s. */
  readonly pingIntervalMs?: number;
  /** For a connection's first bytes, and for a request's header. Default 10 s. */
  readonly openingTimeoutMs?: number;
  /** For an HTTP/2 connection without a call. Default 10 min. */
  readonly unusedTimeoutMs?: number;
}

/** A socket server that speaks HTTP/1.1 and HTTP/2 without TLS on one address: the first bytes tell which it is. */
export function createProtocolMux(options: ProtocolMuxOptions): Server {
  const http1 = createHttp1(options);
  const http2 = createHttp2(options);
  // HTTP/2 switches the delay of small packets off by itself; over HTTP/1.1 each frame of a stream would wait for the last one's receipt.
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", (error) => options.log.debug({ error: error.message }, "connection failed"));
    socket.setTimeout(options.openingTimeoutMs ?? OPENING_TIMEOUT_MS, () => socket.destroy());
    readOpening(socket, Buffer.alloc(0), (opening) => {
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.pause();
      const target = isHttp2Preface(opening) ? http2 : http1;
      target.emit("connection", socket);
      socket.unshift(opening);
      socket.resume();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("close", () => http1.close());
  return server;
}

// The first bytes may come one by one; `P` and `PR` may still become either.
function readOpening(socket: Socket, soFar: Buffer, told: (opening: Buffer) => void): void {
  socket.once("data", (more: Buffer) => {
    const opening = Buffer.concat([soFar, more]);
    const isOpen = opening.length < HTTP2_PREFACE.length && HTTP2_PREFACE.subarray(0, opening.length).equals(opening);
    if (isOpen) readOpening(socket, opening, told);
    else told(opening);
  });
}

// "PRI * HTTP/2.0": three bytes are enough, no HTTP/1.1 method starts so.
const HTTP2_PREFACE = Buffer.from("PRI");

function isHttp2Preface(opening: Buffer): boolean {
  return opening.subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE);
}

function createHttp1({ handle, openingTimeoutMs = OPENING_TIMEOUT_MS }: ProtocolMuxOptions): Http1Server {
  const slowness = {
    headersTimeout: openingTimeoutMs,
    connectionsCheckingInterval: Math.min(SLOWNESS_CHECK_MS, openingTimeoutMs),
  };
  // The default of 5 s made clients that reuse a connection after a pause fail with EPIPE.
  const limits = { keepAliveTimeout: 120_000, requestTimeout: 60_000, maxHeaderSize: MAX_HEADER_BYTES, ...slowness };
  const server = createHttp1Server(limits, handle);
  server.maxHeadersCount = MAX_HEADERS;
  // Node starts to look for slow requests with this event, which a server that itself listens nowhere never gets.
  server.emit("listening");
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
    // Too slow, or no HTTP at all: say so where somebody may read it, and hang up.
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    socket.destroySoon();
  });
  return server;
}

function createHttp2({ handle, log, pingIntervalMs, unusedTimeoutMs }: ProtocolMuxOptions): Http2Server {
  const settings = { maxConcurrentStreams: 1000, maxHeaderListSize: MAX_HEADER_BYTES };
  const server = createHttp2Server({ maxSessionInvalidFrames: 100, maxHeaderListPairs: MAX_HEADERS, settings }, handle);
  server.on("session", (session) => {
    keepAsking(session, pingIntervalMs ?? PING_INTERVAL_MS);
    endUnused(session, unusedTimeoutMs ?? UNUSED_TIMEOUT_MS);
  });
  server.on("sessionError", (error) => log.debug({ error: error.message }, "http/2 session failed"));
  return server;
}

// One that answers pings and asks nothing would hold its place for ever.
function endUnused(session: ServerHttp2Session, afterMs: number): void {
  let calls = 0;
  // In order: a call that came just then is still answered.
  let timer = setTimeout(() => session.close(), afterMs);
  timer.unref();
  session.on("stream", (stream) => {
    calls += 1;
    clearTimeout(timer);
    stream.once("close", () => {
      calls -= 1;
      if (calls > 0 || session.destroyed) return;
      timer = setTimeout(() => session.close(), afterMs);
      timer.unref();
    });
  });
  session.once("close", () => clearTimeout(timer));
}

// Node's server never asks; a client that was stopped or cut off would hold its streams for ever.
function keepAsking(session: ServerHttp2Session, intervalMs: number): void {
  const timer = setInterval(() => {
    const giveUp = setTimeout(() => session.destroy(), Math.min(PING_TIMEOUT_MS, intervalMs));
    giveUp.unref();
    const isSent = !session.destroyed && session.ping(() => clearTimeout(giveUp));
    if (!isSent) clearTimeout(giveUp);
  }, intervalMs);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}

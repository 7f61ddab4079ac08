import { createServer as createHttp1Server, type Server as Http1Server } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "@mosaic/core";
import type { requestListener } from "./request-listener.ts";

/** How long a connection may stay silent before its first byte, in ms. */
const FIRST_BYTE_TIMEOUT_MS = 10_000;
/** How often an HTTP/2 client is asked whether it lives, and how long it may take to say so, in ms (gRPC A8, A9). */
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 10_000;

export interface ProtocolMuxOptions {
  readonly handle: ReturnType<typeof requestListener>;
  readonly log: Log;
  /** Default 20 s. */
  readonly pingIntervalMs?: number;
}

/** A socket server that speaks HTTP/1.1 and HTTP/2 without TLS on one address: the first bytes tell which it is. */
export function createProtocolMux(options: ProtocolMuxOptions): Server {
  const http1 = createHttp1(options);
  const http2 = createHttp2(options);
  const server = createServer((socket) => {
    socket.on("error", (error) => options.log.debug({ error: error.message }, "connection failed"));
    socket.setTimeout(FIRST_BYTE_TIMEOUT_MS, () => socket.destroy());
    socket.once("data", (first: Buffer) => {
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.pause();
      const target = isHttp2Preface(first) ? http2 : http1;
      target.emit("connection", socket);
      socket.unshift(first);
      socket.resume();
    });
  });
  server.on("close", () => http1.close());
  return server;
}

// "PRI * HTTP/2.0": three bytes are enough, no HTTP/1.1 method starts so.
function isHttp2Preface(first: Buffer): boolean {
  return first.subarray(0, 3).equals(Buffer.from("PRI"));
}

function createHttp1({ handle }: ProtocolMuxOptions): Http1Server {
  // The default of 5 s made clients that reuse a connection after a pause fail with EPIPE.
  const server = createHttp1Server({ keepAliveTimeout: 120_000, headersTimeout: 10_000, requestTimeout: 60_000 }, handle);
  server.on("clientError", (_error, socket: Socket) => {
    // Bytes that are no HTTP: say so where somebody may read it, and hang up.
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    socket.destroySoon();
  });
  return server;
}

function createHttp2({ handle, log, pingIntervalMs }: ProtocolMuxOptions): Http2Server {
  const server = createHttp2Server({ maxSessionInvalidFrames: 100, settings: { maxConcurrentStreams: 1000 } }, handle);
  server.on("session", (session) => keepAsking(session, pingIntervalMs ?? PING_INTERVAL_MS));
  server.on("sessionError", (error) => log.debug({ error: error.message }, "http/2 session failed"));
  return server;
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

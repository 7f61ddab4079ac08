import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ContextValues,
  createConnectRouter,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { compressionGzip, universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { Log } from "@mosaic/core";
import { isLoopback } from "../endpoint.ts";
import { peerOf } from "../tls/peer-of.ts";
import { carrierKey, isDuplexKey } from "./fleet-routes.ts";
import { chainKey } from "./guard.ts";
import { unaryCalls } from "./unary-calls.ts";
import { UnreadResponses } from "./unread-responses.ts";

export interface RequestListenerOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: readonly Interceptor[];
  readonly log: Log;
  /** How callers reach this listener. Told by where it listens, because a socket whose peer left can't tell any more. */
  readonly carrier: "unix" | "tcp" | "tls";
  /** Aborts every running call. */
  readonly shutdownSignal: AbortSignal;
  /** How long a stream may go unread before it is ended, in ms. Default 60 s. */
  readonly unreadTimeoutMs?: number | undefined;
  /** How long the one message of a call may take to come, in ms. Default 60 s. */
  readonly requestTimeoutMs?: number | undefined;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;
type Handler = (request: Request, response: Response) => void;

/** Largest request in bytes: a message of 256 KiB in JSON at its worst, and nothing near a flood. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;

/** Makes the one handler that speaks Connect, gRPC and gRPC-Web, for HTTP/1.1 and HTTP/2 alike.
 *
 *  It differs from connect-node's own adapter in three things: a response whose client is gone fails its pending write
 *  (`releaseWhenClosed`), a loopback port does not answer to foreign host names, and what fails goes to our log. */
export function requestListener(options: RequestListenerOptions): Handler {
  const router = createConnectRouter({
    interceptors: [...options.interceptors],
    shutdownSignal: options.shutdownSignal,
    readMaxBytes: MAX_REQUEST_BYTES,
    // Requests may come compressed; answers never go out so: on a loopback or a LAN the CPU is dearer than the bytes.
    acceptCompression: [compressionGzip],
    compressMinBytes: Number.MAX_SAFE_INTEGER,
  });
  options.routes(router);
  const unread = new UnreadResponses(options.shutdownSignal, options.unreadTimeoutMs);
  const serveUnary = unaryCalls({ ...options, maxBytes: MAX_REQUEST_BYTES });
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response) => {
    releaseWhenClosed(request, response);
    const handler = handlers.get(request.url?.split("?", 1)[0] ?? "");
    const isForeign = options.carrier === "tcp" && !isLoopbackAuthority(request);
    if (isForeign) return refuse(response, 403, "this port answers to loopback names only\n");
    if (isHealthQuestion(request)) return tellHealth(response, options.shutdownSignal);
    if (!handler) return refuse(response, 404, `no such path; call /mosaic.fleet.v1.FleetService/<Method>\n`);
    nameOurselves(request);
    if (handler.method.methodKind !== "unary") unread.add(response);
    const isOneMessage = handler.method.methodKind === "unary" || handler.method.methodKind === "server_streaming";
    if (isOneMessage) endIfSlow(request, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
    const failed = (thrown: unknown) => {
      // Aborted: the client went away, which is its right.
      if (ConnectError.from(thrown).code === Code.Aborted) return;
      options.log.warn({ method: handler.method.name, error: String(thrown) }, "reply could not be written");
    };
    const values = createContextValues().set(carrierKey, options.carrier).set(chainKey, peerOf(request));
    const served = serveUnary(request, response, values);
    if (served !== undefined) return void served.catch(failed);
    const call = toUniversalRequest(request, response, values);
    if (!call) return refuse(response, 400, "the request names no valid host\n");
    const isHalfDuplex = request.httpVersionMajor < 2 && handler.method.methodKind === "bidi_streaming";
    handler(isHalfDuplex ? withoutReturnPath(call, response) : call)
      .then((reply) => universalResponseToNodeResponse(reply, response))
      .catch(failed);
  };
}

// A request without a host (HTTP/1.0) or with one that is none makes the library throw, which here would end the daemon.
function toUniversalRequest(request: Request, response: Response, values: ContextValues) {
  try {
    return universalRequestFromNodeRequest(request, response, undefined, values);
  } catch {
    // The caller is told what is wrong with it; there is nothing more to know.
    return undefined;
  }
}

// Over HTTP/1.1 Node does it by itself.
function endIfSlow(request: Request, afterMs: number): void {
  if (!("stream" in request)) return;
  const { stream } = request;
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), afterMs);
  timer.unref();
  request.once("end", () => clearTimeout(timer));
  stream.once("close", () => clearTimeout(timer));
}

/** A call of both directions over HTTP/1.1. The library would answer with a bare status 505; this way the route says what is
 *  wrong in the caller's own protocol. What the caller still sends is nobody's, so that the connection ends with the answer. */
function withoutReturnPath(call: UniversalCall, response: Response): UniversalCall {
  (response as ServerResponse).setHeader("connection", "close");
  call.contextValues?.set(isDuplexKey, false);
  return { ...call, httpVersion: "2.0" };
}

type UniversalCall = ReturnType<typeof universalRequestFromNodeRequest>;

/** Fails the pending write of a response whose stream closed. connect-node waits for `drain` or `error` there, Node emits
 *  only `close`, and the handler would wait for ever (measured: 26 of 26 slow clients that vanished; docs/adr/0005). */
function releaseWhenClosed(request: Request, response: Response): void {
  // The listener also keeps a late write's ERR_STREAM_WRITE_AFTER_END from ending the process.
  response.on("error", () => {});
  if ("stream" in request) request.stream.on("error", () => {});
  response.once("close", () => {
    if (!response.writableFinished)
      response.emit("error", Object.assign(new Error("the client went away"), { code: "ECONNRESET" }));
  });
}

// A page in a browser may make the browser call 127.0.0.1 by a name of its own choosing (DNS rebinding); gRPC clients
// and curl name the address they connect to.
function isLoopbackAuthority(request: Request): boolean {
  const authority = ("authority" in request && request.authority) || request.headers.host || "";
  const hostname = authority.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return isLoopback(hostname);
}

/** Puts a name that is surely one in place of what the client calls us, which means nothing from here on: connect-node makes
 *  a URL of it and throws where it can't. gRPC names a Unix socket by its percent-encoded path; a port may be out of range. */
function nameOurselves(request: Request): void {
  if ("stream" in request) request.headers[":authority"] = "localhost";
  else request.headers.host = "localhost";
}

// For what watches over containers and ports; whoever speaks gRPC has grpc.health.v1. It tells nothing of the fleet, and so anybody.
function isHealthQuestion({ method, url }: Request): boolean {
  return url === "/healthz" && (method === "GET" || method === "HEAD");
}

function tellHealth(response: Response, shutdownSignal: AbortSignal): void {
  if (shutdownSignal.aborted) refuse(response, 503, "ending\n");
  else refuse(response, 200, "ok\n");
}

function refuse(response: Response, status: number, text: string): void {
  // The two response classes differ in type only.
  const reply = response as ServerResponse;
  reply.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  reply.end(text);
}

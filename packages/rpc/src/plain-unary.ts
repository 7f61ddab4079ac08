import { connect, type Socket } from "node:net";
import { MosaicError } from "@mosaic/core/light";
import { authorityOf, type Endpoint, formatEndpoint } from "./endpoint.ts";
import { errorOfReply } from "./plain-unary-error.ts";
import { HttpReplyReader } from "./plain-unary-reply.ts";
import type { TlsClientOptions } from "./tls/open-tls.ts";

// What a caller on the hot path needs of endpoints, without the rest of this room.
export { type Endpoint, formatEndpoint, parseEndpoint } from "./endpoint.ts";

export interface PlainUnaryOptions {
  /** For everything, from connecting to the last byte, in ms. The server is told. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** W3C trace context of the caller's span. */
  readonly traceparent?: string | undefined;
  /** Who calls and who is expected to answer, for an endpoint with TLS. */
  readonly tls?: TlsClientOptions | undefined;
  /** What the caller has signed of this call, for the header `mosaic-capability`. */
  readonly token?: string | undefined;
  /** The service that has the method. Default `mosaic.fleet.v1.FleetService`. */
  readonly service?: string | undefined;
  /** What program this is, for whoever asks the server who is connected. Default: not said. */
  readonly clientKind?: string | undefined;
}

/** The server is told the caller's deadline and answers at it, with what it has; that answer still has to arrive. In ms. */
const ANSWER_GRACE_MS = 250;

/** Largest reply that is read: 50,000 rows are 17 MB of JSON. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** Calls one unary method of a FleetService in the Connect protocol with JSON, over HTTP/1.1 written by hand: `node:net` is
 *  all it loads, which is what keeps a short command short. One connection per call.
 *  @param method as in the contract, for example `List`
 *  @param request the message as JSON; the reply is returned as JSON too, unchecked, with absent fields absent
 *  @throws MosaicError NOT_SERVED when nothing of ours answers there (and so nothing was done), HOST_UNREACHABLE when the
 *  connection broke on the way, DEADLINE, CANCELLED, or what the server's ErrorInfo names. */
export async function callUnary<Req extends object, Res extends object>(
  endpoint: Endpoint,
  method: string,
  request: Req,
  options: PlainUnaryOptions,
): Promise<Res> {
  const where = formatEndpoint(endpoint);
  const open = await openerOf(endpoint, options);
  const reader = await exchange(open, where, requestBytes(endpoint, method, request, options), options);
  const { status, contentType, body } = reader;
  const isJson = contentType.startsWith("application/json");
  const reply = isJson ? parseJson(body()) : undefined;
  if (status === 200 && reply !== undefined) return reply as Res;
  throw await errorOfReply({ status, reply, method, where });
}

function requestBytes(endpoint: Endpoint, method: string, request: object, options: PlainUnaryOptions): Buffer {
  const body = Buffer.from(JSON.stringify(request));
  const head = [
    `POST /${options.service ?? "mosaic.fleet.v1.FleetService"}/${method} HTTP/1.1`,
    `host: ${endpoint.kind === "unix" ? "localhost" : authorityOf(endpoint)}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "connect-protocol-version: 1",
    `connect-timeout-ms: ${Math.max(1, Math.ceil(options.timeoutMs))}`,
    "accept-encoding: identity",
    "connection: close",
    ...(options.token && TOKEN.test(options.token) ? [`mosaic-capability: ${options.token}`] : []),
    ...(options.clientKind === undefined ? [] : [`mosaic-client: ${options.clientKind}`]),
    ...(options.traceparent && TRACEPARENT.test(options.traceparent) ? [`traceparent: ${options.traceparent}`] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}

interface Opener {
  readonly open: () => Socket;
  /** The event of a connection that requests can go over. */
  readonly ready: "connect" | "secureConnect";
  /** Who answered is not believed; undefined: it is something else. */
  readonly refusalOf: (thrown: unknown) => MosaicError | undefined;
}

// TLS, and all that it takes to judge certificates, is loaded by who calls with it.
async function openerOf(endpoint: Endpoint, { tls }: PlainUnaryOptions): Promise<Opener> {
  if (endpoint.kind !== "tls") {
    const where = endpoint.kind === "unix" ? { path: endpoint.path } : { host: endpoint.hostname, port: endpoint.port };
    return { open: () => connect(where), ready: "connect", refusalOf: () => undefined };
  }
  const { openTls, refusalOf, withIdentity } = await import("./plain-unary-tls.ts");
  const identified = withIdentity(endpoint, tls);
  return { open: () => openTls(endpoint, identified, "http/1.1"), ready: "secureConnect", refusalOf };
}

/** Sends the request and resolves once the reply is whole; the socket is gone by then, however it went. */
function exchange(opener: Opener, where: string, request: Buffer, options: PlainUnaryOptions): Promise<HttpReplyReader> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) return reject(interrupted(options.signal));
    const reader = new HttpReplyReader(MAX_REPLY_BYTES);
    const socket = opener.open();
    let isConnected = false;
    const settle = (error: MosaicError | undefined) => {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (error) reject(error);
      else resolve(reader);
    };
    const onAbort = () => settle(interrupted(options.signal));
    const timer = setTimeout(() => settle(tooLate(where, options.timeoutMs)), options.timeoutMs + ANSWER_GRACE_MS);
    options.signal.addEventListener("abort", onAbort, { once: true });
    socket.on(opener.ready, () => {
      isConnected = true;
      socket.write(request);
    });
    readInto(socket, reader, where, settle);
    const failure = (error: Error) => (isConnected ? brokenOff(where, error) : notServed(where, error));
    socket.on("error", (error) => settle(opener.refusalOf(error) ?? failure(error)));
  });
}

function readInto(
  socket: Socket,
  reader: HttpReplyReader,
  where: string,
  settle: (error: MosaicError | undefined) => void,
): void {
  socket.on("data", (chunk: Buffer) => {
    try {
      if (reader.push(chunk)) settle(undefined);
    } catch (error) {
      settle(notOurs(where, error));
    }
  });
  socket.on("end", () => {
    if (reader.end()) settle(undefined);
    else settle(brokenOff(where, undefined));
  });
}

function parseJson(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Whatever is not JSON is answered like a reply of another program: by its HTTP status.
    return undefined;
  }
}

function notServed(where: string, cause: Error): MosaicError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (code === "EACCES" || code === "EPERM") {
    const hint = "the socket belongs to another user: every tenant runs its own mosaic-node";
    return new MosaicError("NOT_ALLOWED", `cannot open ${where}: permission denied`, { hint, cause });
  }
  const hint = "mosaic-node (or mosaic-aggregator) is not running there; start it, or check --endpoint and --mosaic-home";
  return new MosaicError("NOT_SERVED", `no daemon answers at ${where} (${code || cause.message})`, { hint, cause });
}

function notOurs(where: string, cause: unknown): MosaicError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MosaicError("NOT_SERVED", `what answers at ${where} is no FleetService: ${why}`, {
    hint: "check --endpoint",
    cause,
  });
}

function brokenOff(where: string, cause: Error | undefined): MosaicError {
  const why = cause ? ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})` : "";
  return new MosaicError("HOST_UNREACHABLE", `the connection to ${where} ended before the answer was whole${why}`, {
    hint: "the daemon may just have stopped; try again",
    cause,
  });
}

function tooLate(where: string, timeoutMs: number): MosaicError {
  return new MosaicError("DEADLINE", `no answer from ${where} within ${timeoutMs} ms`, { hint: "give it longer: --timeout 30s" });
}

function interrupted(signal: AbortSignal): MosaicError {
  return signal.reason instanceof MosaicError
    ? signal.reason
    : new MosaicError("CANCELLED", "interrupted", { cause: signal.reason });
}

// As signers write it; anything else could add headers of its own.
const TOKEN = /^[A-Za-z0-9._-]{1,16384}$/;

// It comes from the environment: anything but the W3C form could add headers of its own.
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

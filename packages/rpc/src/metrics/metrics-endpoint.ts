import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import { type Log, MosaicError } from "@mosaic/core";
import { type Endpoint, formatEndpoint, isLoopback } from "../endpoint.ts";
import { listenOn } from "../server/listen-on.ts";
import { createProtocolMux } from "../server/protocol-mux.ts";
import { createTlsListener } from "../server/tls-listener.ts";
import { peerOf } from "../tls/peer-of.ts";
import type { MetricsReaders } from "./metrics-options.ts";

/** What is read, as text in a format that its type names. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** A door for whoever collects metrics. Disposing closes it. */
export interface MetricsEndpoint extends AsyncDisposable {
  /** With the real port where 0 was asked for. */
  readonly endpoint: Endpoint;
}

/** Nobody needs more than a few collectors; more is somebody who tries. */
const MAX_CONNECTIONS = 100;

/** Serves metrics at `/metrics`: in plain text to this machine, where nobody is asked who they are; with TLS to readers that show a
 *  certificate of the fleet and may survey it (ADR 0038). They name hosts and tenants.
 *  @throws MosaicError NOT_ALLOWED for plain text off loopback and for TLS without an identity, ALREADY_RUNNING when it is taken */
export async function serveMetrics(
  listen: Endpoint,
  metrics: MetricsText,
  log: Log,
  readers?: MetricsReaders,
): Promise<MetricsEndpoint> {
  assertMayShow(listen, readers);
  const assertMayRead = listen.kind === "tls" ? (request: Request) => assertReader(request, readers) : assertLocal;
  const handle = (request: Request, either: ServerResponse | Http2ServerResponse) => {
    // As far as it is used here the one answers as the other does; their types have no common call.
    const response = either as ServerResponse;
    answer(request, response, metrics, assertMayRead).catch((thrown: unknown) => {
      if (thrown instanceof Refused) return refuse(response, thrown.status, thrown.message);
      log.warn({ error: String(thrown) }, "metrics could not be read");
      refuse(response, 500, "metrics could not be read");
    });
  };
  const server = listen.kind === "tls" && readers ? tlsServer(readers, handle, log) : createServer(handle);
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const endpoint = await listenOn(server, listen);
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      // A collector that stops in the middle must not hold the daemon open.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** @throws MosaicError NOT_ALLOWED for an address that another machine could reach, unless it is with TLS and an identity */
export function assertMayShow(listen: Endpoint, readers: MetricsReaders | undefined): void {
  if (listen.kind === "tcp" && isLoopback(listen.hostname)) return;
  if (listen.kind === "tls" && readers?.identity.credentials) return;
  const where = formatEndpoint(listen);
  if (listen.kind === "tls") {
    throw new MosaicError("NOT_ALLOWED", `refusing to show metrics on ${where}: there is no identity to show`, {
      hint: "enrol the host first: mosaic host join (docs/security.md), or write --metrics 127.0.0.1:9464",
    });
  }
  throw new MosaicError("NOT_ALLOWED", `refusing to show metrics on ${where}: in plain text only on a loopback address`, {
    hint: "write --metrics 127.0.0.1:9464, or --metrics https://0.0.0.0:9464 with an identity (docs/observability.md)",
  });
}

type Request = IncomingMessage | Http2ServerRequest;
type Handle = (request: Request, response: ServerResponse | Http2ServerResponse) => void;

/** Why somebody is not answered, in words for them. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function tlsServer({ identity }: MetricsReaders, handle: Handle, log: Log) {
  const mux = createProtocolMux({ handle, log });
  mux.maxConnections = MAX_CONNECTIONS;
  return createTlsListener({ identity, mux, log });
}

// A page in a browser may make the browser ask 127.0.0.1 by a name of its own choosing.
function assertLocal({ headers }: Request): void {
  const hostname = (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (!isLoopback(hostname)) throw new Refused(403, "ask by a loopback address");
}

function assertReader(request: Request, readers: MetricsReaders | undefined): void {
  try {
    readers?.assertMayRead(peerOf(request) ?? []);
  } catch (thrown) {
    const { code, message } = MosaicError.from(thrown);
    throw new Refused(code === "IDENTITY_REFUSED" ? 401 : 403, message);
  }
}

async function answer(
  request: Request,
  response: ServerResponse,
  metrics: MetricsText,
  assertMayRead: (request: Request) => void,
): Promise<void> {
  assertMayRead(request);
  if (request.url?.split("?")[0] !== "/metrics") throw new Refused(404, "metrics are at /metrics");
  if (request.method !== "GET" && request.method !== "HEAD") throw new Refused(405, "GET only");
  const body = await metrics.text();
  response.writeHead(200, { "content-type": metrics.contentType, "content-length": Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? "" : body);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

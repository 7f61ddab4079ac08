import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Log, MosaicError } from "@mosaic/core";
import { type Endpoint, formatEndpoint, isLoopback } from "../endpoint.ts";
import { listenOn } from "../server/listen-on.ts";

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

/** Serves metrics at `/metrics` in plain text, to this machine only: they name hosts and tenants, and nobody is asked who they
 *  are.
 *  @throws MosaicError NOT_ALLOWED for an address off loopback, ALREADY_RUNNING when it is taken */
export async function serveMetrics(listen: Endpoint, metrics: MetricsText, log: Log): Promise<MetricsEndpoint> {
  assertLoopback(listen);
  const server = createServer((request, response) => {
    answer(request, response, metrics).catch((thrown: unknown) => {
      log.warn({ error: String(thrown) }, "metrics could not be read");
      refuse(response, 500, "metrics could not be read\n");
    });
  });
  // A collector that stops in the middle must not hold the daemon open.
  server.requestTimeout = 10_000;
  const endpoint = await listenOn(server, listen);
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @throws MosaicError NOT_ALLOWED for an address that another machine could reach */
export function assertLoopback(listen: Endpoint): void {
  if (listen.kind === "tcp" && isLoopback(listen.hostname)) return;
  throw new MosaicError("NOT_ALLOWED", `refusing to show metrics on ${formatEndpoint(listen)}: only on a loopback address`, {
    hint: "write --metrics 127.0.0.1:9464, and let a collector on this host pass them on (docs/observability.md)",
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, metrics: MetricsText): Promise<void> {
  // A page in a browser may make the browser ask 127.0.0.1 by a name of its own choosing.
  const hostname = (request.headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (!isLoopback(hostname)) return refuse(response, 403, "ask by a loopback address\n");
  if (request.url?.split("?")[0] !== "/metrics") return refuse(response, 404, "metrics are at /metrics\n");
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405, "GET only\n");
  const body = await metrics.text();
  response.writeHead(200, { "content-type": metrics.contentType, "content-length": Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? undefined : body);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

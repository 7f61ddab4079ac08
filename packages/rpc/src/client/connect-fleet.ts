import { connect, type Socket } from "node:net";
import {
  type Client,
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Log, passThroughTracer, silentLog, type Tracer } from "@mosaic/core";
import { FleetService } from "@mosaic/wire";
import type { Endpoint } from "../endpoint.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { allRoutes, serverInterceptors } from "../server/serve-fleet.ts";
import { clientTraceInterceptor } from "../trace-interceptors.ts";
import { validationInterceptor } from "../validation-interceptor.ts";
import { lostConnectionInterceptor } from "./lost-connection.ts";

export type FleetClient = Client<typeof FleetService>;

/** A client and the connection that it owns. Dispose it to end every call on it. */
export interface FleetConnection extends AsyncDisposable {
  readonly client: FleetClient;
}

export interface ConnectFleetOptions {
  readonly tracer?: Tracer;
  /** Parent of calls that carry no `traceparent` header of their own. */
  readonly traceparent?: string | undefined;
  /** How often the server is asked whether it lives, in ms. Default 20 s. */
  readonly pingIntervalMs?: number;
  /** Check requests against the contract before they leave. Default true. */
  readonly validate?: boolean;
}

/** Makes a gRPC client over one HTTP/2 connection, opened with the first call and again after it was lost.
 *  A stream is ended by its signal only: leaving a `for await` over it does not cancel the call. */
export function connectFleet(endpoint: Endpoint, options: ConnectFleetOptions = {}): FleetConnection {
  if (endpoint.kind === "unix") return connectHttp2("http://localhost", () => connect(endpoint.path), options);
  return connectHttp2(urlOf(endpoint), undefined, options);
}

/** Makes a gRPC client over a connection that is there already. When it is gone there is no other: calls are UNAVAILABLE. */
export function connectOver(socket: Socket, options: ConnectFleetOptions = {}): FleetConnection {
  let isFresh = true;
  const only = () => {
    if (!isFresh || socket.destroyed) throw new ConnectError("the connection that the host opened is gone", Code.Unavailable);
    isFresh = false;
    return socket;
  };
  return connectHttp2("http://localhost", only, options);
}

function connectHttp2(
  baseUrl: string,
  createConnection: (() => Socket) | undefined,
  options: ConnectFleetOptions,
): FleetConnection {
  const sessionManager = new Http2SessionManager(
    baseUrl,
    { pingIntervalMs: options.pingIntervalMs ?? 20_000, pingTimeoutMs: 10_000 },
    createConnection && { createConnection },
  );
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager,
    interceptors: clientInterceptors(options),
    acceptCompression: [],
    readMaxBytes: 64 * 1024 * 1024,
  });
  return connectionOver(transport, () => sessionManager.abort());
}

/** What a server in this process is besides its handlers. */
export interface InMemoryServer {
  /** Counts the handlers of these calls too. Default: a count of its own. */
  readonly streams?: LiveStreams;
  /** Default: records nothing. */
  readonly tracer?: Tracer;
  /** Default: silent. */
  readonly log?: Log;
}

/** The same client over no network at all: real messages and interceptors, served by handlers in this process. */
export function connectInMemory(
  handlers: FleetHandlers,
  options: ConnectFleetOptions = {},
  server: InMemoryServer = {},
): FleetConnection {
  const shutdown = new AbortController();
  const serverOptions = {
    handlers,
    streams: server.streams ?? new LiveStreams(),
    tracer: server.tracer ?? passThroughTracer,
    log: server.log ?? silentLog,
  };
  const transport = createRouterTransport((router: ConnectRouter) => allRoutes(router, serverOptions), {
    router: { interceptors: [endWithCaller, ...serverInterceptors(serverOptions)], shutdownSignal: shutdown.signal },
    transport: { interceptors: clientInterceptors(options) },
  });
  return connectionOver(transport, () => shutdown.abort());
}

/** Ends a stream's handler when its caller goes away. A network's carrier reads on and so ends it; in memory nobody would. */
const endWithCaller: Interceptor = (next) => async (request) => {
  const response = await next(request);
  if (!response.stream) return response;
  const messages = response.message[Symbol.asyncIterator]();
  // What the handler ends with is of no interest to a caller that left.
  const end = () => void messages.return?.().catch(() => {});
  request.signal.addEventListener("abort", end, { once: true });
  return { ...response, message: { [Symbol.asyncIterator]: () => messages } };
};

function connectionOver(transport: Transport, close: () => void): FleetConnection {
  return {
    client: createClient(FleetService, transport),
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}

function clientInterceptors(options: ConnectFleetOptions): Interceptor[] {
  const trace = clientTraceInterceptor(options.tracer ?? passThroughTracer, () => options.traceparent);
  return [trace, ...(options.validate === false ? [] : [validationInterceptor()]), lostConnectionInterceptor];
}

function urlOf(endpoint: Extract<Endpoint, { kind: "tcp" }>): string {
  return `http://${endpoint.hostname.includes(":") ? `[${endpoint.hostname}]` : endpoint.hostname}:${endpoint.port}`;
}

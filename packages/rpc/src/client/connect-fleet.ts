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
import { authorityOf, type Endpoint } from "../endpoint.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { CLIENT_HEADER } from "../presence/caller-name.ts";
import type { FleetHandlers } from "../server/fleet-handlers.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { allRoutes, serverInterceptors } from "../server/serve-fleet.ts";
import { openTls, type TlsClientOptions, withIdentity } from "../tls/open-tls.ts";
import { clientTraceInterceptor } from "../trace-interceptors.ts";
import { validationInterceptor } from "../validation-interceptor.ts";
import { grpcUnary } from "./grpc-unary.ts";
import { httpExchange } from "./http1-exchange.ts";
import { http1Transport } from "./http1-transport.ts";
import { lostConnectionInterceptor } from "./lost-connection.ts";
import { streamOf } from "./stream-of.ts";

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
  /** `http2`: gRPC over one connection. `http1`, for who watches a thousand servers: Info, List and Watch as Connect over HTTP/1.1,
   *  a connection for each call that runs, and gRPC for the rest once it is asked for. Nothing pings the former: who reads a
   *  stream must notice its silence. Default `http2`. */
  readonly carrier?: "http1" | "http2";
  /** Who calls and who is expected to answer, for an endpoint with TLS. New credentials are used for new connections: what runs
   *  over an older one goes on. */
  readonly tls?: TlsClientOptions | undefined;
  /** What program this is, for whoever asks the server who is connected: `cli`, `aggregator`, … Default: not said. */
  readonly clientKind?: string | undefined;
}

/** Makes a client over connections that are opened with the first call and again after they were lost.
 *  A stream is ended by its signal only: leaving a `for await` over it does not cancel the call. */
export function connectFleet(endpoint: Endpoint, options: ConnectFleetOptions = {}): FleetConnection {
  return connectionOver(options.carrier === "http1" ? http1Carrier(endpoint, options) : http2Carrier(endpoint, options));
}

/** Makes a gRPC client over a connection that is there already. When it is gone there is no other: calls are UNAVAILABLE. */
export function connectOver(socket: Socket, options: ConnectFleetOptions = {}): FleetConnection {
  let isFresh = true;
  const only = () => {
    if (!isFresh || socket.destroyed) throw new ConnectError("the connection that the host opened is gone", Code.Unavailable);
    isFresh = false;
    return socket;
  };
  return connectionOver(grpcCarrier("http://localhost", only, options));
}

interface Carrier {
  readonly transport: Transport;
  readonly close: () => void;
}

function http1Carrier(endpoint: Endpoint, options: ConnectFleetOptions): Carrier {
  const exchange = httpExchange(endpoint, options.tls);
  let http2: Carrier | undefined;
  const others = () => {
    http2 ??= http2Carrier(endpoint, options);
    return http2.transport;
  };
  const close = () => {
    exchange.close();
    http2?.close();
  };
  const interceptors = clientInterceptors(options);
  return { transport: http1Transport({ exchange, interceptors, readMaxBytes: READ_MAX_BYTES, others }), close };
}

function http2Carrier(endpoint: Endpoint, options: ConnectFleetOptions): Carrier {
  if (endpoint.kind === "tls") return renewedCarrier(endpoint, withIdentity(endpoint, options.tls), options);
  if (endpoint.kind === "unix") return grpcCarrier("http://localhost", () => connect(endpoint.path), options);
  return grpcCarrier(`http://${authorityOf(endpoint)}`, undefined, options);
}

/** Carries each call over the newest connection: another one is opened when the credentials are replaced. The older ones end when
 *  nothing has run over them for a while, or with the carrier. */
function renewedCarrier(endpoint: TlsEndpoint, tls: TlsClientOptions, options: ConnectFleetOptions): Carrier {
  const all: Carrier[] = [];
  let made: { readonly by: unknown; readonly carrier: Carrier } | undefined;
  const current = () => {
    const { credentials } = tls.identity;
    if (made && made.by === credentials) return made.carrier.transport;
    const carrier = grpcCarrier("http://localhost", () => openTls(endpoint, tls, "h2"), options);
    made = { by: credentials, carrier };
    all.push(carrier);
    return carrier.transport;
  };
  const transport: Transport = {
    unary: (...call) => current().unary(...call),
    stream: (...call) => current().stream(...call),
  };
  return { transport, close: () => all.forEach(({ close }) => void close()) };
}

function grpcCarrier(baseUrl: string, createConnection: (() => Socket) | undefined, options: ConnectFleetOptions): Carrier {
  const sessionManager = new Http2SessionManager(
    baseUrl,
    { pingIntervalMs: options.pingIntervalMs ?? 20_000, pingTimeoutMs: 10_000, idleConnectionTimeoutMs: UNUSED_MS },
    createConnection && { createConnection },
  );
  const shared = { interceptors: clientInterceptors(options), readMaxBytes: READ_MAX_BYTES };
  const { stream } = createGrpcTransport({ baseUrl, sessionManager, acceptCompression: [], ...shared });
  return {
    transport: { unary: grpcUnary({ ...shared, sessions: sessionManager }), stream },
    close: () => sessionManager.abort(),
  };
}

/** How long an HTTP/2 connection that carries nothing is kept, in ms: messages to one host come in a row. */
const UNUSED_MS = 60_000;
/** Largest message that is read, in bytes: 50,000 rows with room to spare. */
const READ_MAX_BYTES = 64 * 1024 * 1024;

/** What a server in this process is besides its handlers. */
export interface InMemoryServer {
  /** Counts the handlers of these calls too. Default: a count of its own. */
  readonly streams?: LiveStreams;
  /** Default: records nothing. */
  readonly tracer?: Tracer;
  /** Default: silent. */
  readonly log?: Log;
  /** Default: nothing is counted. */
  readonly metrics?: Metrics;
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
    metrics: server.metrics,
  };
  const transport = createRouterTransport((router: ConnectRouter) => allRoutes(router, serverOptions), {
    router: { interceptors: [endWithCaller, ...serverInterceptors(serverOptions)], shutdownSignal: shutdown.signal },
    transport: { interceptors: clientInterceptors(options) },
  });
  return connectionOver({ transport, close: () => shutdown.abort() });
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

function connectionOver({ transport, close }: Carrier): FleetConnection {
  return {
    client: { ...createClient(FleetService, transport), watch: streamOf(transport, FleetService.method.watch) },
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}

function clientInterceptors(options: ConnectFleetOptions): Interceptor[] {
  const trace = clientTraceInterceptor(options.tracer ?? passThroughTracer, () => options.traceparent);
  const { clientKind } = options;
  const named: Interceptor[] = clientKind === undefined ? [] : [saysWhatItIs(clientKind)];
  return [trace, ...named, ...(options.validate === false ? [] : [validationInterceptor()]), lostConnectionInterceptor];
}

function saysWhatItIs(kind: string): Interceptor {
  return (next) => (request) => {
    request.header.set(CLIENT_HEADER, kind);
    return next(request);
  };
}

type TlsEndpoint = Extract<Endpoint, { kind: "tls" }>;

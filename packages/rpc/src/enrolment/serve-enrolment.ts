import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type ServerOptions } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Server, Socket } from "node:net";
import { type ConnectRouter, createContextKey, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Log } from "@mosaic/core";
import type { IdentitySource } from "@mosaic/identity";
import { EnrolmentService } from "@mosaic/wire";
import type { Endpoint } from "../endpoint.ts";
import { errorInterceptor } from "../server/error-interceptor.ts";
import { listenOn } from "../server/listen-on.ts";
import { contextOptions } from "../tls/secure-context.ts";
import { shownChain } from "../tls/shown-chain.ts";
import { validationInterceptor } from "../validation-interceptor.ts";
import type { EnrolmentCaller, EnrolmentHandlers } from "./enrolment-handlers.ts";

export interface ServeEnrolmentOptions {
  /** Unix sockets are this host's own; everything else is TLS. */
  readonly listen: readonly Extract<Endpoint, { kind: "unix" | "tls" }>[];
  readonly identity: IdentitySource;
  readonly handlers: EnrolmentHandlers;
  readonly log: Log;
}

export interface EnrolmentServer extends AsyncDisposable {
  /** Where it listens, with the real port where 0 was asked for. */
  readonly endpoints: readonly Endpoint[];
}

/** The largest request: a chain of certificates and a certificate request. */
const MAX_REQUEST_BYTES = 64 * 1024;
/** Connections at the same time. Each host that waits for news has one. */
const MAX_CONNECTIONS = 4096;
const LIMITS: ServerOptions = { maxHeaderSize: 8192, headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 5000 };

const callerKey = createContextKey<Omit<EnrolmentCaller, "signal">>({ address: "", chain: [] });

/** Serves EnrolmentService, and nothing else, to people without a certificate too: over HTTP/1.1, without streams, with small
 *  requests. That is why it has a door of its own (docs/adr/0024).
 *  @throws MosaicError ALREADY_RUNNING when an address is taken */
export async function serveEnrolment(options: ServeEnrolmentOptions): Promise<EnrolmentServer> {
  await using stack = new AsyncDisposableStack();
  const stop = new AbortController();
  const endpoints: Endpoint[] = [];
  for (const endpoint of options.listen) {
    const server = endpoint.kind === "unix" ? httpServer(options, stop.signal) : httpsServer(options, stop.signal, stack);
    server.maxConnections = MAX_CONNECTIONS;
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      socket.on("error", (error) => options.log.debug({ error: error.message }, "a connection for enrolment failed"));
    });
    endpoints.push(await listenOn(server, endpoint));
    stack.defer(async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    });
  }
  stack.defer(() => stop.abort());
  const running = stack.move();
  return { endpoints, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function httpServer(options: ServeEnrolmentOptions, shutdownSignal: AbortSignal): Server {
  return createHttpServer(
    LIMITS,
    adapter(options, shutdownSignal, () => ({ address: "local", chain: undefined })),
  );
}

function httpsServer(options: ServeEnrolmentOptions, shutdownSignal: AbortSignal, stack: AsyncDisposableStack): Server {
  const { identity, log } = options;
  const whoCalls = ({ socket }: IncomingMessage) => ({
    address: socket.remoteAddress ?? "gone",
    chain: shownChain(socket) ?? [],
  });
  // Asked for, not required: who has no certificate yet comes for one. It is judged where it matters.
  const tls = { ...contextOptions(identity), requestCert: true, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] };
  const server = createHttpsServer({ ...LIMITS, ...tls }, adapter(options, shutdownSignal, whoCalls));
  let shown = identity.credentials;
  const follow = () => {
    // It is called for locks and roots too, some times a minute.
    if (shown !== identity.credentials) server.setSecureContext(contextOptions(identity));
    shown = identity.credentials;
  };
  stack.use(identity.onChange(follow));
  server.on("tlsClientError", (error) => log.debug({ error: error.message }, "a connection for enrolment was refused"));
  return server;
}

function adapter(
  { handlers, log }: ServeEnrolmentOptions,
  shutdownSignal: AbortSignal,
  whoCalls: (request: IncomingMessage) => Omit<EnrolmentCaller, "signal">,
): RequestListener {
  const handle = connectNodeAdapter({
    routes: (router) => enrolmentRoutes(router, handlers),
    interceptors: [errorInterceptor(log), validationInterceptor()],
    ...{ readMaxBytes: MAX_REQUEST_BYTES, acceptCompression: [], shutdownSignal, grpc: false, grpcWeb: false },
    contextValues: (request) => createContextValues().set(callerKey, whoCalls(request as IncomingMessage)),
  });
  return (request, response) => {
    // Its write may come after the caller is gone.
    response.on("error", () => {});
    // What clients call us means nothing from here on, and may be no name at all.
    request.headers.host = "localhost";
    handle(request, response);
  };
}

function enrolmentRoutes(router: ConnectRouter, handlers: EnrolmentHandlers): void {
  router.service(EnrolmentService, {
    getRoots: (_request, context) => handlers.getRoots(callerOf(context)),
    enrol: (request, context) => handlers.enrol(request, callerOf(context)),
    renew: (request, context) => handlers.renew(request, callerOf(context)),
    confirmRoots: async (request, context) => {
      await handlers.confirmRoots(request, callerOf(context));
      return {};
    },
    invite: (request, context) => handlers.invite(request, callerOf(context)),
    approve: (request, context) => handlers.approve(request, callerOf(context)),
    lockOut: (request, context) => handlers.lockOut(request, callerOf(context)),
    listEnrolled: (_request, context) => handlers.listEnrolled(callerOf(context)),
  });
}

function callerOf(context: HandlerContext): EnrolmentCaller {
  return { ...context.values.get(callerKey), signal: context.signal };
}

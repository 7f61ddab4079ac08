import type { Server, Socket } from "node:net";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { type Log, MosaicError } from "@mosaic/core";
import { type Endpoint, isLoopback } from "../endpoint.ts";
import { listenOn } from "./listen-on.ts";
import { createProtocolMux } from "./protocol-mux.ts";
import { requestListener } from "./request-listener.ts";

export interface RpcServerOptions {
  readonly listen: readonly Endpoint[];
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: readonly Interceptor[];
  readonly log: Log;
  /** How often HTTP/2 clients are pinged, in ms. Default 20 s. */
  readonly pingIntervalMs?: number;
}

export interface RpcServer extends AsyncDisposable {
  /** Where it listens, with the real port where 0 was asked for. */
  readonly endpoints: readonly Endpoint[];
  /** Serves on a connection that this process opened itself, as if it had come in (ADR 0022). */
  adopt(socket: Socket): void;
}

/** How long running calls may take to notice a shutdown, in ms, before their connections are cut. */
const SHUTDOWN_GRACE_MS = 500;

/** Serves on every endpoint, all or none. Unix sockets are made with mode 0600.
 *  @throws MosaicError NOT_ALLOWED for an address off loopback, ALREADY_RUNNING when one is taken. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  options.listen.forEach(assertMayListen);
  const shutdown = new AbortController();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const stop = () => stopServers(servers, sockets, shutdown);
  const serverFor = (carrier: Endpoint["kind"]): Server => {
    const handle = requestListener({ ...options, carrier, shutdownSignal: shutdown.signal });
    const { log, pingIntervalMs } = options;
    const server = createProtocolMux({ handle, log, ...(pingIntervalMs ? { pingIntervalMs } : {}) });
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    return server;
  };
  try {
    const endpoints: Endpoint[] = [];
    for (const endpoint of options.listen) {
      const server = serverFor(endpoint.kind);
      endpoints.push(await listenOn(server, endpoint));
      servers.push(server);
    }
    // It listens nowhere: whoever calls over such a connection is as far away as any caller over TCP.
    let adopting: Server | undefined;
    const adopt = (socket: Socket) => {
      adopting ??= serverFor("tcp");
      if (shutdown.signal.aborted) socket.destroy();
      else adopting.emit("connection", socket);
    };
    shutdown.signal.addEventListener("abort", () => adopting?.emit("close"));
    return { endpoints, adopt, [Symbol.asyncDispose]: stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Refuses plain text on any address that another machine could reach.
 *  @throws MosaicError NOT_ALLOWED */
export function assertMayListen(endpoint: Endpoint): void {
  if (endpoint.kind === "unix" || isLoopback(endpoint.hostname)) return;
  throw new MosaicError(
    "NOT_ALLOWED",
    `refusing to listen on ${endpoint.hostname}:${endpoint.port}: plain text is for loopback only`,
    {
      hint: "listen on 127.0.0.1, or give the daemon an identity once identities exist (docs/security.md)",
    },
  );
}

async function stopServers(servers: readonly Server[], sockets: ReadonlySet<Socket>, shutdown: AbortController): Promise<void> {
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  shutdown.abort();
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, SHUTDOWN_GRACE_MS);
  // Idle keep-alive connections would hold the server open; those that carry calls get the grace.
  await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, SHUTDOWN_GRACE_MS + 100))]);
  clearTimeout(cut);
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

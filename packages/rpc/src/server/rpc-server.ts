import { chmod } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { type Log, MosaicError } from "@mosaic/core";
import { type Endpoint, formatEndpoint, isLoopback } from "../endpoint.ts";
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
  try {
    const endpoints: Endpoint[] = [];
    for (const endpoint of options.listen) {
      const handle = requestListener({ ...options, carrier: endpoint.kind, shutdownSignal: shutdown.signal });
      const server = createProtocolMux({
        handle,
        log: options.log,
        ...(options.pingIntervalMs ? { pingIntervalMs: options.pingIntervalMs } : {}),
      });
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      endpoints.push(await listenOn(server, endpoint));
      servers.push(server);
    }
    return { endpoints, [Symbol.asyncDispose]: stop };
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

async function listenOn(server: Server, endpoint: Endpoint): Promise<Endpoint> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenFailure(endpoint, error)));
    // No moment in which another user could connect: the socket's folder is 0700, and umask is not ours to change.
    if (endpoint.kind === "unix") server.listen(endpoint.path, resolve);
    else server.listen(endpoint.port, endpoint.hostname, resolve);
  });
  if (endpoint.kind === "unix") {
    await chmod(endpoint.path, 0o600);
    return endpoint;
  }
  const address = server.address();
  return { ...endpoint, port: typeof address === "object" && address ? address.port : endpoint.port };
}

function listenFailure(endpoint: Endpoint, error: NodeJS.ErrnoException): MosaicError {
  const where = formatEndpoint(endpoint);
  if (error.code === "EADDRINUSE") {
    return new MosaicError("ALREADY_RUNNING", `cannot listen on ${where}: something else does`, {
      hint: "stop it, or choose another address with --listen",
      cause: error,
    });
  }
  return new MosaicError("MACHINE", `cannot listen on ${where}: ${error.message}`, { cause: error });
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

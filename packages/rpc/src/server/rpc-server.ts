import type { Server, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ConnectRouter, Interceptor } from "@connectrpc/connect";
import { type Log, MosaicError } from "@mosaic/core";
import type { IdentitySource } from "@mosaic/identity/light";
import { type Endpoint, formatEndpoint, isLoopback } from "../endpoint.ts";
import { rememberPeer } from "../tls/peer-of.ts";
import { listenOn } from "./listen-on.ts";
import { createProtocolMux } from "./protocol-mux.ts";
import { requestListener } from "./request-listener.ts";
import { createTlsListener } from "./tls-listener.ts";

export interface RpcServerOptions {
  readonly listen: readonly Endpoint[];
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: readonly Interceptor[];
  readonly log: Log;
  /** Who this daemon is, where it listens with TLS. */
  readonly tls?: TlsServing | undefined;
  /** How often HTTP/2 clients are pinged, in ms. Default 20 s. */
  readonly pingIntervalMs?: number;
  /** How long a stream may go unread before it is ended, in ms. Default 60 s. */
  readonly unreadTimeoutMs?: number;
}

/** With what a server listens with TLS. */
export interface TlsServing {
  readonly identity: IdentitySource;
  /** Takes connections on which whoever opened them wants to serve (ADR 0022). Absent: there are none. */
  readonly onReverse?: ((socket: TLSSocket) => void) | undefined;
  /** How long a handshake may take, in ms. Default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
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
 *  @throws MosaicError NOT_ALLOWED for plain text off loopback, and for TLS without an identity; ALREADY_RUNNING when one is taken. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  for (const endpoint of options.listen) assertMayListen(endpoint, options.tls);
  const shutdown = new AbortController();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const stop = () => stopServers(servers, sockets, shutdown);
  const serverFor = (carrier: Endpoint["kind"]): Server => {
    const handle = requestListener({ ...options, carrier, shutdownSignal: shutdown.signal });
    const { log, pingIntervalMs } = options;
    const server = createProtocolMux({ handle, log, ...(pingIntervalMs ? { pingIntervalMs } : {}) });
    server.on("connection", track);
    return server;
  };
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  const listenerFor = ({ kind }: Endpoint): Server => {
    const mux = serverFor(kind);
    if (kind !== "tls" || !options.tls) return mux;
    // Also those that never get through their handshake.
    return createTlsListener({ ...options.tls, mux, log: options.log }).on("connection", track);
  };
  try {
    const endpoints: Endpoint[] = [];
    for (const endpoint of options.listen) {
      const server = listenerFor(endpoint);
      endpoints.push(await listenOn(server, endpoint));
      servers.push(server);
    }
    // It listens nowhere: whoever calls over such a connection is as far away as any caller over TCP.
    const adopting: Partial<Record<"tcp" | "tls", Server>> = {};
    const adopt = (socket: Socket) => {
      const carrier = socket instanceof TLSSocket ? "tls" : "tcp";
      adopting[carrier] ??= serverFor(carrier);
      if (carrier === "tls") rememberPeer(socket);
      if (shutdown.signal.aborted) socket.destroy();
      else adopting[carrier].emit("connection", socket);
    };
    shutdown.signal.addEventListener("abort", () => {
      for (const server of Object.values(adopting)) server.emit("close");
    });
    return { endpoints, adopt, [Symbol.asyncDispose]: stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Refuses plain text on any address that another machine could reach, and TLS by somebody who has no name.
 *  @throws MosaicError NOT_ALLOWED */
export function assertMayListen(endpoint: Endpoint, tls?: TlsServing): void {
  if (endpoint.kind === "unix" || (endpoint.kind === "tcp" && isLoopback(endpoint.hostname))) return;
  if (endpoint.kind === "tls" && tls?.identity.credentials) return;
  if (endpoint.kind === "tls") {
    throw new MosaicError("NOT_ALLOWED", `refusing to listen on ${formatEndpoint(endpoint)}: there is no identity to show`, {
      hint: "enrol the host first: mosaic host join (docs/security.md)",
    });
  }
  throw new MosaicError(
    "NOT_ALLOWED",
    `refusing to listen on ${endpoint.hostname}:${endpoint.port}: plain text is for loopback only`,
    {
      hint: `listen on 127.0.0.1, or with TLS: ${formatEndpoint({ ...endpoint, kind: "tls" })} (docs/security.md)`,
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

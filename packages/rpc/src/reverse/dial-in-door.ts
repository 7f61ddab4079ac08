import type { X509Certificate } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Log, MosaicError } from "@mosaic/core";
import type { Identity } from "@mosaic/identity/light";
import type { InfoResponse } from "@mosaic/wire";
import { type ConnectFleetOptions, connectOver, type FleetConnection } from "../client/connect-fleet.ts";
import type { Endpoint } from "../endpoint.ts";
import { listenOn } from "../server/listen-on.ts";
import { assertMayListen } from "../server/rpc-server.ts";
import { shownChain } from "../tls/shown-chain.ts";

/** A host that dialled in, and what it says of itself. */
export interface DialledIn {
  readonly info: InfoResponse;
  /** Whose certificate it has shown, and what it says of itself agrees with; undefined: it came without TLS. */
  readonly identity?: Identity | undefined;
  /** Calls go to the host; disposing it hangs up. */
  readonly connection: FleetConnection;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
}

export interface ReceptionOptions extends ConnectFleetOptions {
  readonly log: Log;
  /** Takes a host over. False: nobody expects it, and it is hung up on. */
  readonly onHost: (host: DialledIn) => boolean;
  /** Connections that have not said yet who they are, at the same time. Default 64. */
  readonly maxUnknown?: number;
  /** Judges certificates; for connections with TLS. */
  readonly judge?: DoorJudge | undefined;
}

/** Judges what hosts show that dial in: when they come, and for as long as they stay. */
export interface DoorJudge {
  /** Says whose certificate it is.
   *  @throws PeerRefused for one that is not believed, or is locked out */
  of(chain: readonly X509Certificate[]): { readonly identity: Identity };
  /** Resolves with why it is believed no longer, or with undefined after `stop` aborted. */
  over(chain: readonly X509Certificate[], stop: AbortSignal): Promise<MosaicError | undefined>;
}

export interface DialInDoorOptions extends ReceptionOptions {
  readonly listen: Endpoint;
}

/** Receives the connections of hosts that dial in, wherever they came in. Disposing it hangs all of them up. */
export interface Reception extends Disposable {
  /** For `TlsServing.onReverse`. */
  readonly receive: (socket: Socket | TLSSocket) => void;
}

export interface DialInDoor extends AsyncDisposable {
  /** Where it listens, with the real port where 0 was asked for. */
  readonly endpoint: Endpoint;
}

/** Who dials in has so long to say who it is, in ms. */
const INTRODUCTION_MS = 5000;
const MAX_UNKNOWN = 64;

/** Waits for hosts that can't be reached and dial in instead. On each connection the roles flip: we are the HTTP/2 client, the
 *  host serves. Whoever it says it is comes from its Info; that is worth as much as the wall around the address (ADR 0022).
 *  @throws MosaicError NOT_ALLOWED for an address off loopback, ALREADY_RUNNING when it is taken */
export async function openDialInDoor(options: DialInDoorOptions): Promise<DialInDoor> {
  // A port of its own is for plain text: with TLS such hosts come in where everybody does.
  assertMayListen(options.listen);
  const reception = openReception(options);
  const server = createServer((socket) => {
    socket.on("error", (error) => options.log.debug({ error: error.message }, "a connection of a host that dials in failed"));
    reception.receive(socket);
  });
  const endpoint = await listenOn(server, options.listen);
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      reception[Symbol.dispose]();
      await closed;
    },
  };
}

/** Receives hosts that dial in and hands over those that say who they are. With TLS that has to agree with their certificate. */
export function openReception(options: ReceptionOptions): Reception {
  const sockets = new Set<Socket>();
  let unknown = 0;
  return {
    receive(socket) {
      if (unknown >= (options.maxUnknown ?? MAX_UNKNOWN)) return void socket.destroy();
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      unknown += 1;
      void introduce(socket, options).finally(() => {
        unknown -= 1;
      });
    },
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Who a host is by its certificate.
 *  @throws MosaicError IDENTITY_REFUSED when it is not believed, or is no node's */
function certified(socket: Socket, { judge }: ReceptionOptions): Extract<Identity, { kind: "node" }> | undefined {
  const chain = shownChain(socket);
  if (chain === undefined) return undefined;
  if (!judge) throw new MosaicError("IDENTITY_REFUSED", "nobody here can judge certificates");
  const { identity } = judge.of(chain);
  if (identity.kind === "node") return identity;
  throw new MosaicError("IDENTITY_REFUSED", "the certificate is not that of a node, and only nodes dial in");
}

function assertAgrees({ tenantId, id }: InfoResponse, identity: Extract<Identity, { kind: "node" }> | undefined): void {
  if (!identity || (identity.tenantId === tenantId && identity.hostId === id)) return;
  throw new MosaicError("IDENTITY_REFUSED", "it says that it is another host than its certificate names");
}

async function introduce(socket: Socket, reception: ReceptionOptions): Promise<void> {
  const { onHost, log, ...options } = reception;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  const connection = connectOver(socket, options);
  try {
    const identity = certified(socket, reception);
    const info = await connection.client.info({}, { timeoutMs: INTRODUCTION_MS });
    assertAgrees(info, identity);
    if (onHost({ info, identity, connection, closed })) return void hangUpWhenOver(socket, connection, reception);
    log.warn({ tenant: info.tenantId, host: info.host }, "a host dialled in that is not expected; hung up");
  } catch (thrown) {
    log.warn({ error: MosaicError.from(thrown).message }, "who dialled in did not say who it is; hung up");
  }
  await connection[Symbol.asyncDispose]();
  socket.destroy();
}

// Calls over it are judged by the host; that the host is still one of the fleet is looked at here, with each change and at its end.
async function hangUpWhenOver(socket: Socket, connection: FleetConnection, { judge, log }: ReceptionOptions): Promise<void> {
  const chain = shownChain(socket);
  if (!judge || !chain) return;
  const stop = new AbortController();
  if (socket.destroyed) return;
  socket.once("close", () => stop.abort());
  const reason = await judge.over(chain, stop.signal);
  if (!reason) return;
  log.info({ error: reason.message }, "a host that dialled in is hung up on");
  await connection[Symbol.asyncDispose]();
  socket.destroy();
}

import { createServer, type Socket } from "node:net";
import { type Log, MosaicError } from "@mosaic/core";
import type { InfoResponse } from "@mosaic/wire";
import { type ConnectFleetOptions, connectOver, type FleetConnection } from "../client/connect-fleet.ts";
import type { Endpoint } from "../endpoint.ts";
import { listenOn } from "../server/listen-on.ts";
import { assertMayListen } from "../server/rpc-server.ts";

/** A host that dialled in, and what it says of itself. */
export interface DialledIn {
  readonly info: InfoResponse;
  /** Calls go to the host; disposing it hangs up. */
  readonly connection: FleetConnection;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
}

export interface DialInDoorOptions extends ConnectFleetOptions {
  readonly listen: Endpoint;
  readonly log: Log;
  /** Takes a host over. False: nobody expects it, and it is hung up on. */
  readonly onHost: (host: DialledIn) => boolean;
  /** Connections that have not said yet who they are, at the same time. Default 64. */
  readonly maxUnknown?: number;
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
  assertMayListen(options.listen);
  const sockets = new Set<Socket>();
  let unknown = 0;
  const server = createServer((socket) => {
    socket.on("error", (error) => options.log.debug({ error: error.message }, "a connection of a host that dials in failed"));
    if (unknown >= (options.maxUnknown ?? MAX_UNKNOWN)) return void socket.destroy();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    unknown += 1;
    void introduce(socket, options).finally(() => {
      unknown -= 1;
    });
  });
  const endpoint = await listenOn(server, options.listen);
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function introduce(socket: Socket, { onHost, log, ...options }: DialInDoorOptions): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  const connection = connectOver(socket, options);
  try {
    const info = await connection.client.info({}, { timeoutMs: INTRODUCTION_MS });
    if (onHost({ info, connection, closed })) return;
    log.warn({ tenant: info.tenantId, host: info.host }, "a host dialled in that is not expected; hung up");
  } catch (thrown) {
    log.warn({ error: MosaicError.from(thrown).message }, "who dialled in did not say who it is; hung up");
  }
  await connection[Symbol.asyncDispose]();
  socket.destroy();
}

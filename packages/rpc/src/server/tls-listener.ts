import { constants } from "node:crypto";
import type { Server } from "node:net";
import { createServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { Log } from "@mosaic/core";
import type { IdentitySource } from "@mosaic/identity/light";
import { REVERSE_PROTOCOL } from "../tls/open-tls.ts";
import { rememberPeer } from "../tls/peer-of.ts";
import { contextOptions } from "../tls/secure-context.ts";

/** How long a handshake may take, in ms. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface TlsListenerOptions {
  readonly identity: IdentitySource;
  /** Takes the connection over when the handshake is done, as if it had come in without TLS. */
  readonly mux: Server;
  readonly log: Log;
  /** Takes a connection on which whoever opened it wants to serve. Absent: nobody does, and it is hung up. */
  readonly onReverse?: ((socket: TLSSocket) => void) | undefined;
  /** Default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
}

/** Makes a listener with TLS 1.3 in front of a protocol mux. Callers are asked for a certificate; what it is worth is judged with
 *  each call, so that a refusal has a name and some calls may need none. New credentials take effect with the next connection, and
 *  end none. */
export function createTlsListener(options: TlsListenerOptions): TlsServer {
  const { identity, mux, log, onReverse, handshakeTimeoutMs } = options;
  const server = createServer(
    {
      ...serverContext(identity),
      ...{ requestCert: true, rejectUnauthorized: false, handshakeTimeout: handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS },
      ALPNProtocols: ["h2", "http/1.1", ...(onReverse ? [REVERSE_PROTOCOL] : [])],
    },
    (socket) => {
      rememberPeer(socket);
      if (socket.alpnProtocol !== REVERSE_PROTOCOL) return void mux.emit("connection", socket.setNoDelay(true));
      socket.on("error", (error) => log.debug({ error: error.message }, "a connection of a host that dialled in failed"));
      onReverse?.(socket);
    },
  );
  // What is handed to the mux is not counted there.
  server.maxConnections = mux.maxConnections;
  server.on("tlsClientError", (error, socket) => {
    log.debug({ error: error.message }, "a TLS handshake failed");
    socket.destroy();
  });
  const following = identity.onChange(() => server.setSecureContext(serverContext(identity)));
  server.on("close", () => {
    following[Symbol.dispose]();
    mux.emit("close");
  });
  return server;
}

// No roots of OpenSSL's: with one that fits, Node leaves out of what it tells everything but the leaf. Nor tickets: in a session
// that is resumed the intermediates are missing, and nothing would be judged anew.
function serverContext(identity: IdentitySource) {
  return { ...contextOptions(identity), ca: [], secureOptions: constants.SSL_OP_NO_TICKET };
}

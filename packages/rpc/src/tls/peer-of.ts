import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import { shownChain } from "./shown-chain.ts";

const CHAIN = Symbol("mosaic.chain");

/** Keeps at a connection what its other side has shown. HTTP/2 hands out no socket but a view of one, and its properties can be
 *  read through that. */
export function rememberPeer(socket: Socket): void {
  Object.defineProperty(socket, CHAIN, { value: shownChain(socket) });
}

/** The certificates that the caller of a request has shown.
 *  @returns undefined: it came without TLS, or over a connection that is gone */
export function peerOf(request: IncomingMessage | Http2ServerRequest): readonly X509Certificate[] | undefined {
  try {
    return (request.socket as Socket & { [CHAIN]?: readonly X509Certificate[] })[CHAIN];
  } catch {
    // An HTTP/2 session that is over has no socket; nobody waits for an answer then.
    return undefined;
  }
}

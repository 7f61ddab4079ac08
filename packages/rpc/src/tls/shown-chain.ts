import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { type DetailedPeerCertificate, TLSSocket } from "node:tls";

/** What the other side of a connection has shown: its certificate first, then those that lead to a root. Believed is none of it.
 *  @returns undefined for a connection without TLS; none when none was shown */
export function shownChain(socket: Socket): readonly X509Certificate[] | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = chains.get(socket);
  if (known) return known;
  const chain: X509Certificate[] = [];
  // Not by getPeerX509Certificate: of each connection that it is asked of, Node 24 keeps 5 KB that no collection gives back.
  let told: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  for (; told?.raw && chain.length < MAX_LENGTH; told = told.issuerCertificate) {
    const each = new X509Certificate(told.raw);
    const { fingerprint256 } = each;
    // A root is its own issuer.
    if (chain.some((one) => one.fingerprint256 === fingerprint256)) break;
    chain.push(each);
  }
  // Kept from the handshake on: a connection that ends can't tell any more.
  chains.set(socket, chain);
  return chain;
}

/** As many as `identityOf` looks at. */
const MAX_LENGTH = 5;
const chains = new WeakMap<Socket, readonly X509Certificate[]>();

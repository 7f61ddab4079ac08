import { X509Certificate } from "node:crypto";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { MosaicError } from "@mosaic/core/light";
import {
  findLock,
  formatIdentity,
  type Identity,
  type IdentitySource,
  identityOf,
  type LockView,
  PeerRefused,
} from "@mosaic/identity/light";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";
import { clientContext } from "./secure-context.ts";

/** Who is expected to answer. A person's or an agent's certificate never serves. */
export type Expectation =
  /** Any daemon of the fleet. */
  | { readonly kind: "daemon" }
  /** The node of that tenant, on that host where it is known. */
  | { readonly kind: "node"; readonly tenantId: string; readonly hostId?: string | undefined }
  | { readonly kind: "aggregator" };

/** How a client opens connections with TLS. */
export interface TlsClientOptions {
  /** Who calls, and whom it believes. */
  readonly identity: IdentitySource;
  /** Default: any daemon of the fleet. */
  readonly expect?: Expectation | undefined;
  /** Who is locked out now, and so is not talked to. Default: nobody. */
  readonly locks?: (() => LockView) | undefined;
}

/** How a client opens connections to an endpoint with TLS.
 *  @throws MosaicError NOT_ALLOWED when nobody said who calls */
export function withIdentity(endpoint: Endpoint, tls: TlsClientOptions | undefined): TlsClientOptions {
  if (tls) return tls;
  throw new MosaicError("NOT_ALLOWED", `cannot call ${formatEndpoint(endpoint)}: this home has no identity of a fleet`, {
    hint: "enrol first: mosaic login for people, mosaic host join for a host (docs/security.md)",
  });
}

/** What is spoken over a connection: HTTP/2, HTTP/1.1, or HTTP/2 with the roles flipped (ADR 0022). */
export type Protocol = "h2" | "http/1.1" | typeof REVERSE_PROTOCOL;

/** The ALPN name of a connection on which whoever opened it serves. */
export const REVERSE_PROTOCOL = "mosaic-rev/1";

/** Opens a connection with TLS 1.3. It fails, before a byte of a request leaves, with PeerRefused when who answers is not believed
 *  or not expected; see `refusalOf` for what of it comes from OpenSSL. Sessions are not resumed: each connection is judged anew. */
export function openTls(
  { hostname, port }: Extract<Endpoint, { kind: "tls" }>,
  { identity, expect = { kind: "daemon" }, locks }: TlsClientOptions,
  protocol: Protocol,
): TLSSocket {
  const socket = connect({
    ...{ host: hostname, port, secureContext: clientContext(identity), ALPNProtocols: [protocol] },
    checkServerIdentity: (_name, leaf) => judge(chainOf(leaf), identity, expect, locks?.()),
  });
  return socket.setNoDelay(true);
}

/** What is wrong with who answers; undefined: nothing. */
function judge(
  chain: readonly X509Certificate[],
  { trust }: IdentitySource,
  expect: Expectation,
  locks: LockView | undefined,
): Error | undefined {
  try {
    const identity = identityOf(chain, trust, Date.now());
    assertExpected(identity, expect);
    const [leaf] = chain;
    const lock = leaf && locks && findLock(locks, identity, leaf);
    return (
      lock &&
      new PeerRefused("locked", `${formatIdentity(identity)} is locked out${lock.reason === "" ? "" : `: ${lock.reason}`}`)
    );
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** @throws PeerRefused other-identity */
function assertExpected(identity: Identity, expect: Expectation): void {
  if (isExpected(identity, expect)) return;
  throw new PeerRefused("other-identity", `${nameOf(expect)} is expected there, ${formatIdentity(identity)} answers`);
}

function isExpected(identity: Identity, expect: Expectation): boolean {
  switch (expect.kind) {
    case "daemon":
      return identity.kind === "node" || identity.kind === "aggregator";
    case "aggregator":
      return identity.kind === "aggregator";
    case "node":
      return (
        identity.kind === "node" &&
        identity.tenantId === expect.tenantId &&
        (expect.hostId === undefined || identity.hostId === expect.hostId)
      );
    default:
      return expect satisfies never;
  }
}

function nameOf(expect: Expectation): string {
  if (expect.kind !== "node") return expect.kind === "daemon" ? "a daemon of the fleet" : "an aggregator";
  return `the node of tenant "${expect.tenantId}"${expect.hostId === undefined ? "" : ` on host ${expect.hostId}`}`;
}

function chainOf(leaf: PeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let each: Partial<PeerCertificate & { issuerCertificate: PeerCertificate }> | undefined = leaf;
  while (each?.raw && chain.length < 5) {
    chain.push(new X509Certificate(each.raw));
    // A root is its own issuer.
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return chain;
}

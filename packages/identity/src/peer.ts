import type { X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { type Identity, parseIdentity } from "./spiffe-id.ts";

/** What certificates are judged by. */
export interface Trust {
  readonly fleet: string;
  /** Roots that are trusted now; more than one while a root is being replaced. */
  readonly roots: readonly X509Certificate[];
}

/** Why a certificate names nobody here. A closed list, and the name that tests and audit use. */
export type Refusal =
  | "no-certificate"
  | "unknown-authority"
  | "not-yet-valid"
  | "expired"
  | "is-an-authority"
  | "no-uri-san"
  | "several-sans"
  | "not-an-identity"
  | "other-fleet"
  /** It names somebody of the fleet, but not who is expected. */
  | "other-identity"
  /** Whoever it names is locked out by the policy. */
  | "locked";

/** Whose certificate it is.
 *  @param chain the leaf first, then the intermediates that the peer sent; any order, at most 4 count
 *  @throws PeerRefused naming the reason; nothing of a refused certificate is believed */
export function identityOf(chain: readonly X509Certificate[], trust: Trust, nowUnixMs: number): Identity {
  const [leaf, ...others] = chain.slice(0, 5);
  if (!leaf) throw new PeerRefused("no-certificate", "no certificate was shown");
  assertInTime(leaf, nowUnixMs, "the certificate");
  assertTrusted(leaf, others, trust, nowUnixMs);
  if (leaf.ca) throw new PeerRefused("is-an-authority", "the certificate of an authority is nobody's identity");
  const uri = onlyUri(leaf);
  const identity = parseIdentity(uri);
  if (!identity) throw new PeerRefused("not-an-identity", `${JSON.stringify(uri.slice(0, 200))} names nobody in a fleet`);
  if (identity.fleet !== trust.fleet)
    throw new PeerRefused("other-fleet", `it belongs to the fleet "${identity.fleet}", this is "${trust.fleet}"`);
  return identity;
}

/** Looks that a certificate is that of an authority of the fleet: one of its roots has signed it, now.
 *  @throws PeerRefused */
export function assertAuthority(certificate: X509Certificate, { roots }: Trust, nowUnixMs: number): void {
  const root = certificate.ca && roots.find((candidate) => isSignedBy(certificate, candidate));
  if (!root) throw new PeerRefused("unknown-authority", "it was signed by no authority of this fleet");
  assertInTime(root, nowUnixMs, "the fleet's root");
  assertInTime(certificate, nowUnixMs, "the authority's certificate");
}

/** Thrown for a certificate that is not believed. */
export class PeerRefused extends MosaicError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super("IDENTITY_REFUSED", message);
    this.refusal = refusal;
  }
}

function assertInTime(certificate: X509Certificate, nowUnixMs: number, what: string): void {
  const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (nowUnixMs < fromMs) throw new PeerRefused("not-yet-valid", `${what} holds from ${new Date(fromMs).toISOString()} on`);
  // Written so that a date that can't be read is over.
  if (!(nowUnixMs < toMs)) throw new PeerRefused("expired", `${what} ended ${certificate.validTo}`);
}

// A path of at most one root and the intermediates that were sent. Signatures, names, and that each issuer may sign.
function assertTrusted(leaf: X509Certificate, others: readonly X509Certificate[], trust: Trust, nowUnixMs: number): void {
  let current = leaf;
  for (let depth = 0; depth < 3; depth += 1) {
    const root = trust.roots.find((candidate) => isSignedBy(current, candidate));
    if (root) return assertInTime(root, nowUnixMs, "the fleet's root");
    const issuer = others.find((candidate) => candidate !== current && candidate.ca && isSignedBy(current, candidate));
    if (!issuer) break;
    assertInTime(issuer, nowUnixMs, "the certificate of its issuer");
    current = issuer;
  }
  throw new PeerRefused("unknown-authority", "no authority of this fleet has signed the certificate");
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The one URI SAN of a certificate. Any other name beside it is refused as well. */
function onlyUri({ subjectAltName = "" }: X509Certificate): string {
  if (subjectAltName === "") throw new PeerRefused("no-uri-san", "the certificate has no URI SAN");
  // Node quotes a value that holds a comma, so that one name can't look like two.
  const names = subjectAltName.split(", ");
  if (names.length > 1) throw new PeerRefused("several-sans", `the certificate has ${names.length} SANs, and one is allowed`);
  if (!subjectAltName.startsWith("URI:")) throw new PeerRefused("no-uri-san", "the SAN of the certificate is no URI");
  return subjectAltName.slice("URI:".length);
}

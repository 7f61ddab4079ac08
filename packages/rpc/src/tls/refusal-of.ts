import { PeerRefused, type Refusal } from "@mosaic/identity/light";

/** Why a connection with TLS was not made, where that is because of who answered; undefined: it failed otherwise.
 *  OpenSSL looks at the chain before we do, and has other names for what it finds. */
export function refusalOf(thrown: unknown): PeerRefused | undefined {
  for (let each = thrown, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    if (each instanceof PeerRefused) return each;
    const refusal = NAMES[(each as NodeJS.ErrnoException).code ?? ""];
    if (refusal) return new PeerRefused(refusal, `who answers is not believed: ${each.message}`);
  }
  return undefined;
}

const NAMES: Readonly<Record<string, Refusal>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "unknown-authority",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT: "unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-authority",
  CERT_SIGNATURE_FAILURE: "unknown-authority",
  CERT_UNTRUSTED: "unknown-authority",
  INVALID_CA: "unknown-authority",
  INVALID_PURPOSE: "unknown-authority",
};

import { createHash, sign, verify, X509Certificate } from "node:crypto";
import type { Authority } from "../fleet-ca.ts";
import { assertAuthority, PeerRefused, type Trust } from "../peer.ts";
import { formatLocks, type LockView, parseLocks } from "./locks.ts";

/** What the fleet's authority tells beside a certificate, all of which counts for who hears it. */
export interface ToldNews {
  /** PEM of every root that is to be trusted. */
  readonly roots: string;
  /** A first policy for a host; empty: none is told. */
  readonly policy?: string | undefined;
}

/** Writes the locks as `parseLocks` reads them, with the authority's signature over them and over what is told with them. It is for
 *  the one request that came with `csr`: no older answer fits, and nobody else's. A certificate of an aggregator is not enough to
 *  make it, so that whoever only passes for the authority can't give out roots, or a list without a lock. */
export function signNews({ key, certificate }: Authority, view: LockView, told: ToldNews, csr: Uint8Array): string {
  const text = formatLocks(view);
  const signature = sign("sha256", signedBytes(text, told, csr), key).toString("base64");
  return `${JSON.stringify({ ...(JSON.parse(text) as object), signed: { by: String(certificate), signature } })}\n`;
}

/** Reads what {@link signNews} wrote, and believes it.
 *  @param csr that of the request which it answers
 *  @param trust as it is before the answer is believed
 *  @throws PeerRefused `unknown-authority` when nobody, or somebody else, has signed this very answer; MosaicError as `parseLocks` */
export function readSignedNews(text: string, told: ToldNews, csr: Uint8Array, trust: Trust, nowUnixMs: number): LockView {
  const view = parseLocks(text, "the authority's reply");
  const { by, signature } = (JSON.parse(text) as { signed?: { by?: unknown; signature?: unknown } }).signed ?? {};
  if (typeof by !== "string" || typeof signature !== "string") throw refused("nobody has signed them");
  const signer = read(by);
  assertAuthority(signer, trust, nowUnixMs);
  const bytes = signedBytes(formatLocks(view), told, csr);
  if (verify("sha256", bytes, signer.publicKey, Buffer.from(signature, "base64"))) return view;
  throw refused("they are not as they were signed, or not for this question");
}

function signedBytes(locks: string, { roots, policy = "" }: ToldNews, csr: Uint8Array): Buffer {
  return Buffer.from(JSON.stringify(["mosaic-news-1", sha256(csr), sha256(roots), sha256(policy), locks]));
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function read(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refused("who has signed them can't be read");
  }
}

function refused(why: string): PeerRefused {
  return new PeerRefused("unknown-authority", `the roots and locks that were told are not the fleet's authority's: ${why}`);
}

import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { MosaicError } from "@mosaic/core";
import { identityOf, type Trust } from "./peer.ts";
import { formatIdentity, type Identity } from "./spiffe-id.ts";

/** One deed that its caller has signed: this method, on this target, with exactly this request. */
export interface Deed {
  /** The rpc, for example `Send`. */
  readonly method: string;
  /** Complete: `tenant/host_id/agent`, or `tenant/host_id`. */
  readonly target: string;
  /** SHA-256 of the request, in hex (see {@link hashOf}). */
  readonly requestSha256: string;
}

/** What a node knows of a deed once its capability is believed. */
export interface Capability extends Deed {
  readonly caller: Identity;
  /** Used once. */
  readonly id: string;
  readonly issuedAtUnixMs: number;
  readonly expiresAtUnixMs: number;
  /** What the caller has shown with it, its certificate first. */
  readonly chain: readonly X509Certificate[];
}

export interface SignDeedOptions {
  readonly key: KeyObject;
  /** The caller's certificate first, then what leads to the root. */
  readonly chain: readonly X509Certificate[];
  readonly caller: Identity;
  readonly nowUnixMs: number;
  readonly id: string;
  /** How long it holds, in ms. Default and most: 60 s; for a message, until it expires (docs/adr/0023). */
  readonly ttlMs?: number | undefined;
}

/** How long a capability holds at most, unless its deed is a message that waits for its host, in ms. */
export const CAPABILITY_TTL_MS = 60_000;
/** Clocks of two hosts may differ so much. */
const SKEW_MS = 30_000;
const MAX_LENGTH = 16_384;
const AUDIENCE = "mosaic-node";

/** Signs a deed with the caller's own key, as a JWT (ES256) that carries the caller's certificates. */
export async function signDeed(deed: Deed, { key, chain, caller, nowUnixMs, id, ttlMs }: SignDeedOptions): Promise<string> {
  const { SignJWT } = await loadJose();
  const nowS = Math.floor(nowUnixMs / 1000);
  return await new SignJWT({ method: deed.method, target: deed.target, request_sha256: deed.requestSha256 })
    .setProtectedHeader({ alg: "ES256", typ: "mosaic-capability+jwt", x5c: chain.map(({ raw }) => raw.toString("base64")) })
    .setSubject(formatIdentity(caller))
    .setAudience(AUDIENCE)
    .setJti(id)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + Math.ceil((ttlMs ?? CAPABILITY_TTL_MS) / 1000))
    .sign(key);
}

/** Reads a capability, and believes it only for exactly this deed. Whether its id was used before, and whether its caller may do
 *  the deed, is asked elsewhere.
 *  @param maxTtlMs how long one may hold for this deed, in ms
 *  @throws MosaicError IDENTITY_REFUSED when its signer is not known, NOT_ALLOWED when it is for something else or over */
export async function readCapability(
  token: string,
  deed: Deed,
  trust: Trust,
  { nowUnixMs, maxTtlMs = CAPABILITY_TTL_MS }: { readonly nowUnixMs: number; readonly maxTtlMs?: number },
): Promise<Capability> {
  if (token.length > MAX_LENGTH) throw refused("it is too long");
  const chain = await chainOf(token);
  const caller = identityOf(chain, trust, nowUnixMs);
  const payload = await verified(token, chain, caller, nowUnixMs);
  const issuedAtMs = (payload.iat ?? Number.NaN) * 1000;
  const expiresAtUnixMs = (payload.exp ?? Number.NaN) * 1000;
  if (!(issuedAtMs <= nowUnixMs + SKEW_MS)) throw refused("it is from the future");
  // A second is the unit in which it is written.
  if (!(expiresAtUnixMs - issuedAtMs <= maxTtlMs + 1000)) throw refused("it holds for longer than it may");
  const told = { method: payload["method"], target: payload["target"], requestSha256: payload["request_sha256"] };
  for (const part of ["method", "target", "requestSha256"] as const)
    if (told[part] !== deed[part]) throw refused(`it is for another ${part === "requestSha256" ? "request" : part}`);
  if (typeof payload.jti !== "string" || payload.jti === "" || payload.jti.length > 200) throw refused("it has no id");
  return { ...deed, caller, id: payload.jti, issuedAtUnixMs: issuedAtMs, expiresAtUnixMs, chain };
}

/** Hashes what of a request is signed, as bytes. */
export function hashOf(request: Uint8Array): string {
  return createHash("sha256").update(request).digest("hex");
}

async function verified(token: string, chain: readonly X509Certificate[], caller: Identity, nowUnixMs: number) {
  const [leaf] = chain;
  if (!leaf) throw refused("it names no signer");
  const { errors, jwtVerify } = await loadJose();
  try {
    const { payload } = await jwtVerify(token, leaf.publicKey, {
      ...{ algorithms: ["ES256"], typ: "mosaic-capability+jwt", audience: AUDIENCE, subject: formatIdentity(caller) },
      ...{ currentDate: new Date(nowUnixMs), clockTolerance: SKEW_MS / 1000 },
    });
    return payload;
  } catch (thrown) {
    throw refused(thrown instanceof errors.JWTExpired ? "it is over" : "its signature does not hold");
  }
}

async function chainOf(token: string): Promise<X509Certificate[]> {
  const { decodeProtectedHeader } = await loadJose();
  try {
    const { x5c = [] } = decodeProtectedHeader(token);
    return x5c.slice(0, 5).map((der) => new X509Certificate(Buffer.from(der, "base64")));
  } catch {
    // Whatever it is, it is none of ours.
    throw refused("it can't be read");
  }
}

/** Only where there are walls: a fleet on one machine has no use for it. */
function loadJose(): Promise<typeof import("jose")> {
  return import("jose");
}

function refused(why: string): MosaicError {
  return new MosaicError("NOT_ALLOWED", `the capability of the call is refused: ${why}`);
}

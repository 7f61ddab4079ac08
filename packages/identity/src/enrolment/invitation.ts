import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Identity } from "../spiffe-id.ts";

/** Whom an invitation makes. The host's id, or a name that is not said here, comes with the one who joins. */
export type Invited =
  | { readonly kind: "node"; readonly tenantId: string }
  | { readonly kind: "user" | "agent"; readonly tenantId: string; readonly name: string }
  | { readonly kind: "aggregator" };

/** One invitation as the fleet keeps it: never its secret, only the hash of it. */
export interface Invitation {
  readonly id: string;
  readonly secretSha256: string;
  readonly invited: Invited;
  readonly expiresAtUnixMs: number;
  /** True: a person has to compare six words before a certificate is made. */
  readonly needsApproval: boolean;
  /** Who invited, as far as they say. */
  readonly madeBy: string;
  /** Who came with it first; nobody else may. */
  readonly used?: InvitationUse | undefined;
}

export interface InvitationUse {
  /** SHA-256 of the public key that came, in hex. */
  readonly keySha256: string;
  readonly identity: Identity;
  readonly atUnixMs: number;
  readonly isApproved: boolean;
}

/** Somebody who came with an invitation. */
export interface Attempt {
  readonly secret: string;
  readonly keySha256: string;
  readonly identity: Identity;
}

/** What becomes of an attempt. */
export type Redemption =
  /** A certificate may be made; `use` is to be written down before. */
  | { readonly kind: "welcome"; readonly use: InvitationUse }
  | { readonly kind: "wait"; readonly use: InvitationUse }
  /** `isAlarming`: the line was in two hands, and a person should know. */
  | { readonly kind: "refused"; readonly because: RefusedJoin; readonly isAlarming: boolean };

export type RefusedJoin = "unknown" | "over" | "used-by-another-key" | "used-before" | "other-identity";

/** A lost reply is no lock-out: the same key may come again for so long, in ms. */
export const SAME_KEY_MS = 10 * 60_000;
export const INVITATION_TTL_MS = 15 * 60_000;
export const MAX_INVITATION_TTL_MS = 7 * 24 * 3_600_000;

/** Makes an invitation and its secret, which is told once and not kept. */
export function newInvitation(fields: Pick<Invitation, "invited" | "expiresAtUnixMs" | "needsApproval" | "madeBy">): {
  readonly invitation: Invitation;
  readonly secret: string;
} {
  const secret = randomBytes(32).toString("base64url");
  return { invitation: { id: randomBytes(16).toString("hex"), secretSha256: sha256(secret), ...fields }, secret };
}

/** Judges who came with an invitation; changes nothing.
 *  @param invitation undefined: there is none of that id, which is answered like a wrong secret */
export function redeem(invitation: Invitation | undefined, attempt: Attempt, nowUnixMs: number): Redemption {
  if (!invitation || !isSecretOf(invitation, attempt.secret)) return refused("unknown");
  const { used } = invitation;
  if (used && used.keySha256 !== attempt.keySha256) return refused("used-by-another-key", true);
  if (!fits(invitation.invited, attempt.identity)) return refused("other-identity", true);
  if (!used) {
    if (nowUnixMs >= invitation.expiresAtUnixMs) return refused("over");
    const { keySha256, identity } = attempt;
    const isApproved = !invitation.needsApproval;
    return { kind: isApproved ? "welcome" : "wait", use: { keySha256, identity, atUnixMs: nowUnixMs, isApproved } };
  }
  if (!used.isApproved) return nowUnixMs >= invitation.expiresAtUnixMs ? refused("over") : { kind: "wait", use: used };
  return nowUnixMs > used.atUnixMs + SAME_KEY_MS ? refused("used-before") : { kind: "welcome", use: used };
}

function refused(because: RefusedJoin, isAlarming = false): Redemption {
  return { kind: "refused", because, isAlarming };
}

function isSecretOf({ secretSha256 }: Invitation, secret: string): boolean {
  return timingSafeEqual(Buffer.from(secretSha256, "hex"), Buffer.from(sha256(secret), "hex"));
}

// The invitation says whom it makes; who joins adds an id at most.
function fits(invited: Invited, identity: Identity): boolean {
  if (invited.kind !== identity.kind) return false;
  if (invited.kind === "aggregator") return true;
  if (!("tenantId" in identity) || identity.tenantId !== invited.tenantId) return false;
  return invited.kind === "node" || ("name" in identity && identity.name === invited.name);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

import { MosaicError } from "@mosaic/core";
import type { Invitation } from "./invitation.ts";
import type { Lock } from "./locks.ts";

/** Somebody who was let in, by identity and key: a person may have several keys, a host has one. */
export interface Member {
  /** The URI of its certificates. */
  readonly identity: string;
  readonly tenantId: string;
  /** The name that a host gives itself, for people; empty for others. */
  readonly host: string;
  readonly keySha256: string;
  readonly enrolledAtUnixMs: number;
  readonly renewedAtUnixMs: number;
  readonly endsAtUnixMs: number;
  /** `out`: its certificates were taken away; `banned`: and it may not come back. */
  readonly standing: "in" | "out" | "banned";
  /** Pins of the roots that it said it trusts. */
  readonly rootPins: readonly string[];
  /** Pin of the root that its certificate leads to. */
  readonly signedUnder: string;
}

/** Something that a person should look at: a line was in two hands. */
export interface Alarm {
  readonly atUnixMs: number;
  readonly text: string;
}

/** Everything that is remembered of enrolment. Secrets are none of it. */
export interface RegisterState {
  readonly invitations: readonly Invitation[];
  readonly members: readonly Member[];
  readonly locks: readonly Lock[];
  readonly alarms: readonly Alarm[];
}

/** Nobody was let in yet. */
export const EMPTY_REGISTER: RegisterState = { invitations: [], members: [], locks: [], alarms: [] };
const VERSION = 1;

/** Writes it as one text. */
export function formatRegister(state: RegisterState): string {
  return `${JSON.stringify({ version: VERSION, ...state })}\n`;
}

/** Reads what {@link formatRegister} wrote.
 *  @throws MosaicError MACHINE: to begin anew instead would let used invitations in again */
export function parseRegister(text: string, path: string): RegisterState {
  const hint = "it is written by mosaic-aggregator alone; put back a copy, or move it away and invite everybody again";
  let document: Partial<RegisterState> & { version?: unknown };
  try {
    document = JSON.parse(text) as typeof document;
  } catch (thrown) {
    throw new MosaicError("MACHINE", `${path} is no JSON`, { hint, cause: thrown });
  }
  if (document.version !== VERSION) throw new MosaicError("MACHINE", `${path} was not written by this version`, { hint });
  const { invitations = [], members = [], locks = [], alarms = [] } = document;
  return { invitations, members, locks, alarms };
}

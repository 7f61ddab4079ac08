import { MosaicError } from "@mosaic/core";

/** All that a new host has to be told, in one line that a person pastes. Whoever reads it may join in its place: it is a secret
 *  until it was used or is over. */
export interface JoinLine {
  readonly fleet: string;
  /** Where to enrol, best first, as they are written: `alpha.example.org:8443`. */
  readonly addresses: readonly string[];
  /** SHA-256 of the public keys of the fleet's roots, in hex: what the host pins before it believes anything. */
  readonly rootPins: readonly string[];
  readonly invitationId: string;
  readonly secret: string;
}

const PREFIX = "mosaic-join-1.";
const MAX_LENGTH = 4096;

/** Writes it as one word without blanks or quotes, so that no shell and no chat takes it apart. */
export function formatJoinLine({ fleet, addresses, rootPins, invitationId, secret }: JoinLine): string {
  const parts = { f: fleet, a: addresses, p: rootPins, i: invitationId, s: secret };
  return PREFIX + Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Reads it. Blanks and line breaks that a terminal put in are taken out.
 *  @throws MosaicError USAGE; nothing of the line is in its message */
export function parseJoinLine(text: string): JoinLine {
  const line = text.replace(/\s/g, "");
  const parts = line.startsWith(PREFIX) && line.length <= MAX_LENGTH ? parse(line.slice(PREFIX.length)) : undefined;
  if (isParts(parts)) {
    const { f: fleet, a: addresses, p: rootPins, i: invitationId, s: secret } = parts;
    return { fleet, addresses, rootPins, invitationId, secret };
  }
  throw new MosaicError("USAGE", "that is not the whole line which mosaic host invite printed", {
    hint: "paste all of it, from mosaic-join-1. on; it is one word",
  });
}

function parse(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, "base64url").toString("utf8"));
  } catch {
    // Its words would quote the secret.
    return undefined;
  }
}

interface Parts {
  readonly f: string;
  readonly a: readonly string[];
  readonly p: readonly string[];
  readonly i: string;
  readonly s: string;
}

function isParts(value: unknown): value is Parts {
  if (typeof value !== "object" || value === null) return false;
  const { f, a, p, i, s } = value as Record<string, unknown>;
  const areTexts = [f, i, s].every((each) => typeof each === "string" && each !== "");
  return areTexts && isList(a, /^.{1,300}$/) && isList(p, /^[0-9a-f]{64}$/);
}

function isList(value: unknown, form: RegExp): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > 16) return false;
  return value.every((each) => typeof each === "string" && form.test(each));
}

import { MosaicError } from "@mosaic/core";

/** What somebody who was let in keeps besides credentials (`enrolment.json` in its identity folder). */
export interface EnrolmentFile {
  readonly fleet: string;
  /** Where to renew, best first: `alpha.example.org:8444`. */
  readonly addresses: readonly string[];
  /** Where a node serves the fleet, as `--listen` takes it; none for people, and for a host that dials out. */
  readonly listen: readonly string[];
  /** The aggregator that a node dials, because it can't be reached; empty: none. */
  readonly dialOut: string;
}

/** Reads it.
 *  @throws MosaicError IDENTITY_REFUSED for a text that is none */
export function parseEnrolmentFile(text: string, what: string): EnrolmentFile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // It is told below, as any other text that is none.
  }
  const { fleet, addresses, listen = [], dial_out: dialOut = "" } = (document ?? {}) as Record<string, unknown>;
  if (typeof fleet === "string" && isTexts(addresses) && isTexts(listen) && typeof dialOut === "string")
    return { fleet, addresses, listen, dialOut };
  throw new MosaicError("IDENTITY_REFUSED", `${what} does not say where to renew`, { hint: "enrol again: mosaic host join" });
}

/** Writes it. */
export function formatEnrolmentFile({ dialOut, ...file }: EnrolmentFile): string {
  return `${JSON.stringify({ ...file, ...(dialOut === "" ? {} : { dial_out: dialOut }) })}\n`;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

import { MosaicError } from "@mosaic/core";

/** What somebody who was let in keeps besides credentials (`enrolment.json` in its identity folder). */
export interface EnrolmentFile {
  readonly fleet: string;
  /** Where to renew, best first: `alpha.example.org:8444`. */
  readonly addresses: readonly string[];
  /** Where a node serves the fleet, as `--listen` takes it; none for people, and for a host that dials out. */
  readonly listen: readonly string[];
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
  const { fleet, addresses, listen = [] } = (document ?? {}) as Record<string, unknown>;
  if (typeof fleet === "string" && isTexts(addresses) && isTexts(listen)) return { fleet, addresses, listen };
  throw new MosaicError("IDENTITY_REFUSED", `${what} does not say where to renew`, { hint: "enrol again: mosaic host join" });
}

/** Writes it. */
export function formatEnrolmentFile(file: EnrolmentFile): string {
  return `${JSON.stringify(file)}\n`;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

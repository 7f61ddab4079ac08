import type { MosaicError } from "@mosaic/core";

/** The first pause after a lost stream, in ms; doubled each time. */
const FIRST_PAUSE_MS = 250;
/** As long as a member is left alone by an aggregator; a service that comes back is found within it. */
const LONGEST_PAUSE_MS = 10_000;

/** How long to wait before the next attempt, in ms.
 *  @param failures attempts that have failed in a row before this one */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
}

/** True for a failure that no other attempt will cure. */
export function isFinalError(error: MosaicError): boolean {
  return FINAL.has(error.code);
}

const FINAL: ReadonlySet<MosaicError["code"]> = new Set(["NOT_ALLOWED", "IDENTITY_REFUSED", "NOT_HERE", "USAGE", "CANCELLED"]);

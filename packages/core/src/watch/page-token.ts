import { MosaicError } from "../errors.ts";
import type { RowPosition } from "./keys.ts";

/** Where the next page of a list starts. */
export interface PageToken {
  readonly epoch: string;
  /** Revision of the log that the first page was of. */
  readonly rev: string;
  /** The name of the kept list; empty: none was kept. */
  readonly pin: string;
  readonly after: RowPosition;
}

/** Puts a place into a token. It carries a hash of the selector: in full, a selector of some hundred hosts would make a token longer
 *  than a token may be. */
export function formatPageToken({ epoch, rev, pin, after, selector }: PageToken & { readonly selector: string }): string {
  return JSON.stringify([2, epoch, rev, pin, after.tenantId, after.host, after.hostId, after.name, selector]);
}

/** Reads a token back.
 *  @throws MosaicError USAGE for a token that is not one of ours or belongs to another selector. */
export function parsePageToken(token: string, selector: string): PageToken {
  const parts = parseStrings(token);
  const [epoch, rev, pin, tenantId, host, hostId, name, tokenSelector] = parts;
  if (parts.length !== 8 || epoch === undefined || rev === undefined) throw badToken("it is not one of this server's");
  if (tokenSelector !== selector) throw badToken("it belongs to another selector");
  const after = { tenantId: tenantId ?? "", host: host ?? "", hostId: hostId ?? "", name: name ?? "" };
  return { epoch, rev, pin: pin ?? "", after };
}

function parseStrings(token: string): string[] {
  try {
    const parts: unknown = JSON.parse(token);
    if (Array.isArray(parts) && parts[0] === 2 && parts.slice(1).every((part) => typeof part === "string")) return parts.slice(1);
  } catch {
    // Anything may be handed in as a token; what is not JSON falls through to the one answer below.
  }
  return [];
}

function badToken(why: string): MosaicError {
  return new MosaicError("USAGE", `cannot continue the list: page token: ${why}`, { hint: "list again without a page token" });
}

import { createHash } from "node:crypto";

/** Shortens a daemon's id to what may be told to anybody on a link: the first 16 hex digits of its SHA-256, as
 *  `printf %s ID | sha256sum | cut -c1-16` prints them. Ids are random, so nobody can tell the id from it. */
export function idHashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, ID_HASH_LENGTH);
}

/** 64 bits: two of 10,000 hosts are alike with a chance of 1 in 10^11. */
export const ID_HASH_LENGTH = 16;

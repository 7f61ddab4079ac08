import { findAll } from "./find-all.ts";
import type { Finder } from "./guardrails.ts";

/** Finds any of these words or phrases: whole words, in any case, with any white space between the words of a phrase. */
export function findTerms(terms: readonly string[]): Finder {
  // The longest first, so that a phrase is not found by its beginning alone.
  const parts = [...terms]
    .sort((a, b) => b.length - a.length)
    .map((term) => term.trim().split(/\s+/).map(escaped).join("\\s{1,20}"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${parts.join("|")})(?![\\p{L}\\p{N}_])`, "giu");
  return (text) => findAll(pattern, text);
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

import { MAX_FINDS, type TextRange } from "./guardrails.ts";

const NAME = /password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential/gi;
const VALUE = /[A-Za-z0-9_-]{0,40}["']?\s{0,5}(?::=|=>|=|:)\s{0,5}["']?([A-Za-z0-9+/=_.~-]{16,200})/y;
/** Bits per character from which on a value looks random: English words have about 3, random base64 of 20 characters about 4. */
const MIN_BITS = 3.4;

/** Finds values that look random behind a name that says that they are secret, as in `API_KEY="…"`. The value alone is found. */
export function findAssignments(text: string): readonly TextRange[] {
  const ranges: TextRange[] = [];
  for (const name of text.matchAll(NAME)) {
    // One name may hold two such words.
    if (name.index < (ranges.at(-1)?.end ?? 0)) continue;
    VALUE.lastIndex = name.index + name[0].length;
    const [whole, value] = VALUE.exec(text) ?? [];
    if (whole === undefined || value === undefined || !looksRandom(value)) continue;
    const end = name.index + name[0].length + whole.length;
    ranges.push({ start: end - value.length, end });
    if (ranges.length >= MAX_FINDS) break;
  }
  return ranges;
}

// Names, paths and versions are made of words and numbers apart; what is random has both in one piece.
function looksRandom(value: string): boolean {
  const isMixed = value.split(/[-_.]/).some((piece) => piece.length >= 12 && /\d/.test(piece) && /[A-Za-z]/.test(piece));
  return isMixed && bitsPerCharacter(value) >= MIN_BITS;
}

function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

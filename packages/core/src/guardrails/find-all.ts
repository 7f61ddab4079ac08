import { MAX_FINDS, type TextRange } from "./guardrails.ts";

/** Finds every place of a pattern of ours, up to the bound. Only for patterns that can't take long: no patterns of people's.
 *  @param pattern with the flag g */
export function findAll(pattern: RegExp, text: string): TextRange[] {
  const ranges: TextRange[] = [];
  for (const match of text.matchAll(pattern)) {
    ranges.push({ start: match.index, end: match.index + match[0].length });
    if (ranges.length >= MAX_FINDS) break;
  }
  return ranges;
}

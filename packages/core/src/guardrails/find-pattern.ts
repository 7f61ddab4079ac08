import { RE2JS } from "re2js";
import { type Finder, MAX_FINDS, type TextRange } from "./guardrails.ts";

/** Longest pattern, in UTF-16 units. */
const MAX_PATTERN_LENGTH = 500;
/** Largest pattern as it is executed, in instructions: what one look at a text costs is this times the text's length, at most. */
const MAX_INSTRUCTIONS = 300;

/** Finds a pattern that somebody wrote, in RE2's language: no backreferences and no lookaround, and in exchange the time that it
 *  takes is in proportion to the text, whatever the pattern and the text are.
 *  @throws Error saying what is wrong with the pattern */
export function findPattern(pattern: string): Finder {
  if (pattern.length > MAX_PATTERN_LENGTH) throw new Error(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  const compiled = RE2JS.compile(pattern);
  if (compiled.programSize() > MAX_INSTRUCTIONS) throw new Error("it is too large: shorten it, or its repetitions");
  if (compiled.matcher("").find()) throw new Error("it finds something in an empty text, and so in any");
  return (text) => {
    const ranges: TextRange[] = [];
    const matcher = compiled.matcher(text);
    while (ranges.length < MAX_FINDS && matcher.find()) ranges.push({ start: matcher.start(), end: matcher.end() });
    return ranges;
  };
}

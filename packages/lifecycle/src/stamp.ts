import { fnv1a64 } from "@mosaic/core";

/** What can be told of a file that may be Mosaic's own. */
export type Origin =
  /** Generated, and as it was generated. */
  | "untouched"
  /** Generated, and changed since, or by a version that left no stamp. */
  | "changed"
  /** Somebody else's. */
  | "foreign";

/** Puts a digest of a generated text into its first line, a comment that begins with `# Made by `, so that later it can be told
 *  whether somebody has changed the file. A text without that line stays as it is. */
export function stamped(text: string): string {
  if (!text.startsWith(MADE)) return text;
  const end = text.indexOf("\n");
  return `${text.slice(0, end)} [${digestOf(text)}]${text.slice(end)}`;
}

/** Tells who made a text, and whether it is still as it was made. */
export function originOf(text: string): Origin {
  if (!text.startsWith(MADE)) return "foreign";
  const stamp = /^.* \[([0-9a-f]{16})\]$/m.exec(text.slice(0, text.indexOf("\n")))?.[1];
  if (stamp === undefined) return "changed";
  return digestOf(text.replace(` [${stamp}]`, "")) === stamp ? "untouched" : "changed";
}

const MADE = "# Made by ";

// Against slips, not against forgers: who may write the file may also write its stamp.
function digestOf(text: string): string {
  return fnv1a64(text).toString(16).padStart(16, "0");
}

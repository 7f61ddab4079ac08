/** Makes text of unknown origin safe and honest to show on one line: control characters (which could move the cursor, set
 *  the title or answer as if typed), line breaks, and the invisible characters that reorder or hide text are written out, as
 *  `\x1b` or `\u202e`. Everything else stays. */
export function plainText(text: string): string {
  return HARMLESS.test(text) ? text : text.toWellFormed().replace(UNSAFE, spelledOut);
}

/** As `plainText`, but drops escape sequences whole and turns tabs into blanks: for text that came off a screen. */
export function screenText(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(ESCAPES, "").replaceAll("\t", "    ").toWellFormed().replace(UNSAFE, "");
}

/** Keeps text and colours (SGR) of a screen's line, and drops every other escape and control character. A colour sequence
 *  may be at most 64 characters long. */
export function colouredText(line: string): string {
  if (HARMLESS.test(line)) return line;
  let kept = "";
  let at = 0;
  for (const match of line.matchAll(ESCAPES)) {
    kept += withoutControls(line.slice(at, match.index));
    if (SGR.test(match[0])) kept += match[0];
    at = match.index + match[0].length;
  }
  return kept + withoutControls(line.slice(at));
}

/** JSON as text, with everything escaped that a terminal could act on; still the same JSON. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    UNSAFE_IN_JSON,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function withoutControls(text: string): string {
  return text.replaceAll("\t", "    ").toWellFormed().replace(UNSAFE, "");
}

function spelledOut(character: string): string {
  const code = character.charCodeAt(0);
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

const HARMLESS = /^[\x20-\x7e]*$/;
/** C0, DEL, C1, line separators, and the bidirectional and invisible formatting characters behind "Trojan source". */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** The same without C0, which JSON.stringify has dealt with. */
const UNSAFE_IN_JSON = /[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Escape sequences by ECMA-48, 7 and 8 bit: strings (OSC, DCS, SOS, PM, APC) with their end, CSI, and short ones. */
const ESCAPES =
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\x9d\x90\x98\x9e\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|\x1b/g;
/** A colour, of a length that a real one can have. */
const SGR = /^\x1b\[[0-9;:]{0,60}m$/;

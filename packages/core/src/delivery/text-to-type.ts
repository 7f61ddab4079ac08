import { MosaicError } from "../errors.ts";

/** What is really typed for a message. Line ends become LF; a text that a runtime would take as a command of its own
 *  (`!` runs a shell in claude, codex and pi; `/x` is a slash command; `exit` ends claude and opencode) gets the sender's label in
 *  front, because a relayed message must never run anything. A text at whose end Enter would do something else than submit
 *  (it takes the first of a list after `@x` and `$x`, and breaks the line after a backslash) gets a blank there, which
 *  {@link canonicalPrompt} does not count.
 *  @throws MosaicError USAGE for control characters: an escape could end the bracketed paste and press keys. */
export function textToType(text: string, runtime: string, sourceLabel: string): string {
  const lines = text.replace(/\r\n?/g, "\n");
  const control = [...lines].find(isForbidden);
  if (control !== undefined) {
    const code = control.codePointAt(0)?.toString(16).padStart(4, "0").toUpperCase();
    throw new MosaicError("USAGE", `cannot send the text: it holds the control character U+${code}`, {
      hint: "send plain text; tabs and line breaks are fine",
    });
  }
  if (runtime === "stub") return lines;
  const label = COMMANDS.test(lines) ? `[from ${sourceLabel.replace(/[^\x20-\x7e]/g, "?") || "mosaic"}] ` : "";
  return `${label}${lines}${CATCHES_ENTER.test(lines) ? " " : ""}`;
}

const COMMANDS = /^\s*([!/]|(exit|quit|:w?q!?)\s*$)/i;
const CATCHES_ENTER = /(\\|(^|\s)[@$]\S*)$/;

function isForbidden(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (code < 0x20 && character !== "\n" && character !== "\t") || (code >= 0x7f && code < 0xa0);
}

import type { PaneCapture } from "@mosaic/core";

/** Finds what stands in Codex's composer: from the last line that begins with its mark `›` down to the blank line above the
 *  footer. A long paste shows as `[Pasted Content 13893 chars]`, and what scrolled out of a long draft is missing. */
export function draftInCodex(screen: readonly string[]): string | undefined {
  const composer = composerIn(screen);
  const draft = composer?.map((line) => line.trim()).join("\n");
  return draft === undefined || draft === "" || PLACEHOLDERS.test(draft) ? undefined : draft;
}

/** The marked choice of a dialog looks like a prompt; the line below all choices tells the two apart. */
const DIALOG_FOOTER = /(^|\n) *(press )?enter (to )?(confirm|continue|select|submit)/i;

/** What the empty composer shows by itself. */
const PLACEHOLDERS = /^(Ask Codex to do anything|Ask a follow-up question)$/;

/** Says why Codex would not take a text as a prompt. */
export function blockedCodex({ lines }: PaneCapture): string | undefined {
  if (composerIn(lines) !== undefined) return undefined;
  const text = lines.join("\n");
  return DIALOGS.find(([mark]) => mark.test(text))?.[1] ?? (text.trim() === "" ? "starting" : "starting, or in a dialog");
}

// Measured with 0.169.0, in the words of its screens.
const DIALOGS: readonly (readonly [RegExp, string])[] = [
  [/Sign in with ChatGPT|Sign in with Device Code|Finish signing in/, "login screen"],
  [/Do you trust the contents of this directory|Trust this (folder|directory)/i, "asks whether to trust its folder"],
  [/Hooks need review/, "asks whether to trust hooks"],
  [/Update available/, "update notice"],
  [/Would you like to (run|make|grant|allow)|Do you want to approve/, "permission dialog"],
  [DIALOG_FOOTER, "dialog"],
];

function composerIn(screen: readonly string[]): readonly string[] | undefined {
  const shown = screen.map((line) => line.trimEnd());
  const at = shown.findLastIndex((line) => /^›( |$)/.test(line));
  if (at < 0) return undefined;
  const below = shown.slice(at + 1);
  if (below.some((line) => DIALOG_FOOTER.test(line))) return undefined;
  const lastShown = below.findLastIndex((line) => line !== "");
  // The footer stands below a blank line; a draft that fills the screen has none.
  const blank = below.slice(0, lastShown + 1).lastIndexOf("");
  const draft = blank < 0 ? below.slice(0, lastShown + 1) : below.slice(0, blank);
  return [(shown[at] ?? "").slice(1), ...draft];
}

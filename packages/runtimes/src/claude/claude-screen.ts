import type { PaneCapture } from "@mosaic/core";

/** Finds what stands in Claude Code's composer: the lines between the last two rules across the screen, behind the mark `❯`, or
 *  `!` for the shell and `#` for its memory. A long paste shows as `[Pasted text #1 +200 lines]`. */
export function draftInClaude(screen: readonly string[]): string | undefined {
  const composer = composerIn(screen);
  if (composer === undefined) return undefined;
  const [first = "", ...rest] = composer;
  const draft = [first.slice(1), ...rest].map((line) => line.trim());
  const text = draft.join("\n").trim();
  return text === "" || PLACEHOLDERS.test(text) ? undefined : text;
}

/** What the empty composer shows by itself. */
const PLACEHOLDERS = /^(Press up to edit queued messages|Try "[^\n]*"|Message @[^\n]*…)$/;

/** Says why Claude Code would not take a text as a prompt. */
export function blockedClaude({ lines }: PaneCapture): string | undefined {
  if (lines.some((line) => /Not logged in · Run \/login/.test(line))) return "not logged in: run /login in its terminal";
  // Enter is lost until the line below the composer is there, which goes again when something is typed.
  if (composerIn(lines) !== undefined) return hasFooter(lines) || draftInClaude(lines) !== undefined ? undefined : "starting";
  const text = lines.join("\n");
  return DIALOGS.find(([mark]) => mark.test(text))?.[1] ?? (text.trim() === "" ? "starting" : "starting, or in a dialog");
}

// Measured with 2.1.197, in the words of its screens.
const DIALOGS: readonly (readonly [RegExp, string])[] = [
  [/Is this a project you created or one you trust\?|Do you trust the files/, "asks whether to trust its folder"],
  [/Select login method|Paste code here|Sign in|Login successful/, "login screen"],
  [/Choose the text style|Let's get started|Press Enter to continue/, "first-start screens"],
  [/Detected a custom API key/, "asks whether to use an API key"],
  [/Do you want to (proceed|make this edit|create|allow)|Would you like to proceed/, "permission dialog"],
  [/Enter to select · /, "asks a question"],
  [/Esc to cancel|Enter to (confirm|select)/, "dialog"],
];

function composerIn(screen: readonly string[]): readonly string[] | undefined {
  const bottom = screen.findLastIndex(isRule);
  const top = screen.slice(0, Math.max(0, bottom)).findLastIndex(isRule);
  const inside = top < 0 ? [] : screen.slice(top + 1, bottom);
  return /^[❯!#>]/.test(inside[0] ?? "") ? inside : undefined;
}

function hasFooter(screen: readonly string[]): boolean {
  return screen.slice(screen.findLastIndex(isRule) + 1).some((line) => line.trim() !== "");
}

// A name of the conversation may stand in the upper one.
function isRule(line: string): boolean {
  return /^─{8}.*─$/.test(line.trimEnd());
}

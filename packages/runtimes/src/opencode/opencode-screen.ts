import type { PaneCapture } from "@mosaic/core";

/** Finds what stands in opencode's composer: a block of lines that begin with `┃`, closed by a rule `╹▀▀▀`. Its last line names the
 *  agent and the model; on the first screen an empty one shows an example of what to ask. */
export function draftInOpencode(screen: readonly string[]): string | undefined {
  const draft = (composerIn(screen)?.lines ?? []).slice(0, -1).join("\n").trim();
  return draft === "" || /^Ask anything(…|\.\.\.) "/.test(draft) ? undefined : draft;
}

/** Says why opencode would not take a text. Its composer is on the screen before it reads keys, and also under a list that takes
 *  them: then the line with its keys is missing, or the cursor is elsewhere. */
export function blockedOpencode({ lines, cursorRow, isCursorVisible }: PaneCapture): string | undefined {
  if (lines.some((line) => line.includes("△ Permission required"))) return "it asks leave to use a tool";
  const composer = composerIn(lines);
  if (composer === undefined) return "no composer on the screen: it starts, or shows a dialog";
  if (!lines.some((line) => line.includes("ctrl+p"))) return "it starts";
  const isInComposer = isCursorVisible && cursorRow >= composer.top && cursorRow < composer.bottom;
  return isInComposer ? undefined : "the cursor is not in its composer: it shows a list or a dialog";
}

interface Composer {
  readonly top: number;
  /** The row of the rule below it. */
  readonly bottom: number;
  /** Without the `┃`, what stands to the right of the composer, and empty lines at the end. */
  readonly lines: readonly string[];
}

function composerIn(screen: readonly string[]): Composer | undefined {
  const bottom = screen.findLastIndex((line) => RULE.test(line));
  const [, before = "", rule = ""] = RULE.exec(screen[bottom] ?? "") ?? [];
  if (rule === "") return undefined;
  let top = bottom;
  while (screen[top - 1]?.startsWith(`${before}┃`)) top -= 1;
  // Beside it may stand a column with the session's title and the working directory.
  const cut = (line: string): string => line.slice(before.length + 1, before.length + rule.length).trim();
  const block = screen.slice(top, bottom).map(cut);
  const last = block.findLastIndex((line) => line !== "");
  return last < 0 ? undefined : { top, bottom, lines: block.slice(0, last + 1) };
}

const RULE = /^( *)(╹▀{8,})/;

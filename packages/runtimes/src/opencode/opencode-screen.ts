import type { PaneCapture } from "@mosaic/core";

/** Finds what stands in opencode's composer: a block of lines that begin with `┃`, closed by a rule `╹▀▀▀`. Its last line names the
 *  agent and the model; on the first screen an empty one shows an example of what to ask. */
export function draftInOpencode(screen: readonly string[]): string | undefined {
  const draft = (composerIn(screen)?.lines ?? []).slice(0, -1).join("\n").trim();
  return draft === "" || EXAMPLE.test(draft) ? undefined : draft;
}

/** What the empty composer of the first screen shows, and no other. */
const EXAMPLE = /^Ask anything(…|\.\.\.) "/;
/** It goes on from its first screen to the conversation within this time after it took a prompt there, in ms: measured 1.5 s, and
 *  more on a busy machine. Who begins another conversation later is back on that screen, and may type. */
const GOES_ON_MS = 10_000;

/** Tells the composer of the first screen from that of a conversation, while it is empty. */
export function composerOfOpencode(screen: readonly string[]): string | undefined {
  const composer = composerIn(screen);
  return composer && (isFirst(composer) ? "first screen" : "conversation");
}

function isFirst({ lines }: Composer): boolean {
  return lines.some((line) => EXAMPLE.test(line));
}

/** Says why opencode would not take a text. Its composer is on the screen before it reads keys, and also under a list that takes
 *  them: then the line with its keys is missing, or the cursor is elsewhere. That of the first screen is empty once more after it
 *  took a prompt, and what is typed there then is gone when the conversation takes its place. */
export function blockedOpencode(
  { lines, cursorRow, isCursorVisible }: PaneCapture,
  sincePromptMs = Number.POSITIVE_INFINITY,
): string | undefined {
  if (lines.some((line) => line.includes("△ Permission required"))) return "it asks leave to use a tool";
  const composer = composerIn(lines);
  if (composer === undefined) return "no composer on the screen: it starts, or shows a dialog";
  if (!lines.some((line) => line.includes("ctrl+p"))) return "it starts";
  if (sincePromptMs < GOES_ON_MS && isFirst(composer)) return "it is about to show its conversation";
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

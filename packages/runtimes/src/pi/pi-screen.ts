import type { PaneCapture } from "@mosaic/core";

/** Finds what stands in pi's composer: the lines between the last two rules that go across the screen. */
export function draftInPi(screen: readonly string[]): string | undefined {
  const block = lastBlock(screen);
  if (block === undefined || isList(block)) return undefined;
  const draft = block.join("\n").trim();
  return draft === "" ? undefined : draft;
}

/** Says why pi would not take a text: its composer is not there while it starts, and a list or a dialog takes its place. */
export function blockedPi({ lines }: PaneCapture): string | undefined {
  const block = lastBlock(lines);
  if (block === undefined) return "no composer on the screen: it starts, or shows a dialog";
  return isList(block) ? "a list or a dialog stands in the composer's place" : undefined;
}

function lastBlock(screen: readonly string[]): readonly string[] | undefined {
  const bottom = screen.findLastIndex(isRule);
  const top = screen.slice(0, Math.max(0, bottom)).findLastIndex(isRule);
  return top < 0 ? undefined : screen.slice(top + 1, bottom);
}

/** Every list of pi's (models, sessions, logins, settings, questions of extensions) marks the chosen line so. */
function isList(block: readonly string[]): boolean {
  return block.some((line) => /^ ?[→›] /.test(line));
}

// Of a draft that is taller than the composer the rule tells how much is hidden: `─── ↑ 3 more ───`.
function isRule(line: string): boolean {
  return /^───(─| [↑↓] \d+ more )*───$/.test(line.trimEnd());
}

import type { ProgramEnd } from "../mesh/run-program.ts";
import { mismatchOf } from "./match-lines.ts";
import { splitWords } from "./story.ts";
import { linesOf } from "./story-runner.ts";

/** One command that a page shows, with what it shows below it. */
export interface ShownCommand {
  /** Line of the page, from 1. */
  readonly line: number;
  /** As shown, after the `$`; lines that end in a backslash are joined. */
  readonly command: string;
  /** Empty: the page does not say what comes, only that it works. */
  readonly output: readonly string[];
}

/** Finds the commands in the `console` blocks of a Markdown page. */
export function shownCommands(markdown: string): ShownCommand[] {
  const found: { line: number; command: string; output: string[] }[] = [];
  let isInside = false;
  let current: (typeof found)[number] | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (text.startsWith("```")) {
      isInside = !isInside && text.trim() === "```console";
      current = undefined;
    } else if (isInside && current?.command.endsWith("\\")) {
      current.command = `${current.command.slice(0, -1).trimEnd()} ${text.trim()}`;
    } else if (isInside && text.startsWith("$ ")) {
      current = { line: index + 1, command: text.slice(2).trim(), output: [] };
      found.push(current);
    } else if (isInside) current?.output.push(text.trimEnd());
  }
  return found.map(({ output, ...rest }) => ({ ...rest, output: withoutBlankEnd(output) }));
}

/** How a shown command is run, or why it is not: there is no shell here, and what starts a demo or never ends has tests of
 *  its own. */
export function howToRun(command: string): { readonly argv: readonly [string, ...string[]] } | { readonly reason: string } {
  if (/[|&;<>]|\$[({A-Z]/.test(command.replace(/'[^']*'/g, ""))) return { reason: "it needs a shell" };
  const words = splitWords(command.replace(/\s+#\s.*$/, ""));
  const [program = "", ...args] = words[0] === "npx" ? words.slice(1) : mosaicByNpm(words);
  if (program !== "mosaic" && program !== "curl") return { reason: `it is ${program}, which is no command of the story` };
  if (program === "mosaic" && args[0] === "demo") return { reason: "test/mesh/newcomer.test.ts runs the demo" };
  if (args.includes("--watch") || args.includes("--follow") || (args[0] === "agent" && args[1] === "watch")) {
    return { reason: "it stays until it is interrupted" };
  }
  return { argv: [program, ...args] };
}

/** Where a command did something else than the page shows. Undefined: nowhere. A page shows stdout, then stderr; it fails
 *  where it shows an error, and is partial where it shows INCOMPLETE. */
export function differenceFrom(shown: ShownCommand, end: ProgramEnd): string | undefined {
  const showsError = shown.output.some((line) => /^mosaic(-\w+)?: /.test(line));
  const showsPartial = shown.output.some((line) => line.includes("INCOMPLETE"));
  const isAsShown = showsError ? end.exitCode !== 0 : end.exitCode === (showsPartial ? 3 : 0);
  if (!isAsShown) return `exit code ${end.exitCode ?? end.signal}`;
  const mismatch =
    shown.output.length === 0 ? undefined : mismatchOf(shown.output, [...linesOf(end.stdout), ...linesOf(end.stderr)]);
  return mismatch === undefined ? undefined : `what it prints differs ${mismatch}`;
}

function mosaicByNpm(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  const isMosaic = words[0] === "npm" && words[1] === "run" && words.slice(0, end).includes("mosaic");
  return isMosaic ? ["mosaic", ...words.slice(end + 1)] : words;
}

function withoutBlankEnd(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(0, last + 1);
}

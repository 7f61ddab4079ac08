import { cellWidth } from "./cell-width.ts";
import type { Style } from "./style.ts";

/** Breaks the remarks and the last line below a table at words, so that a terminal does not break them in the middle of one. Commands
 *  to be copied do not belong here: with a line break in them they would be two.
 *  @param lines may have colours
 *  @param columns undefined: they stay as they are, for a file or a program */
export function belowTable(lines: readonly string[], columns: number | undefined): string[] {
  return columns === undefined ? [...lines] : lines.flatMap((line) => wrapped(line, columns));
}

/** Names the columns that found no room, and the flag that shows them; nothing when all did. */
export function notShown(hidden: readonly string[], style: Style, flag = "--wide"): string[] {
  return hidden.length === 0 ? [] : [style("faint", `Not shown: ${hidden.join(" ")} (${flag}).`)];
}

function wrapped(line: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  let colour = "";
  // With the blanks before it: they may set a line in, or keep its parts apart.
  for (const word of line.match(/ *[^ ]+/g) ?? []) {
    if (current !== "" && cellWidth(`${current}${word}`.replaceAll(COLOURS, "")) > columns) {
      lines.push(colour === "" ? current : `${current}${PLAIN}`);
      current = `${INDENT}${colour}${word.trimStart()}`;
    } else {
      current += word;
    }
    const last = word.match(COLOURS)?.at(-1);
    if (last !== undefined) colour = last === PLAIN ? "" : last;
  }
  return [...lines, current];
}

/** Tells the rest of a line from a line of its own. */
const INDENT = "  ";
const PLAIN = "\x1b[0m";
const COLOURS = /\x1b\[[0-9;:]*m/g;

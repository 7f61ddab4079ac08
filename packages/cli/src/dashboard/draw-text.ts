import { beginningOf, cellWidth, padToWidth } from "../output/cell-width.ts";
import { PLAIN, REVERSE, screenFrame } from "../terminal/screen-frame.ts";

/** The local terminal, in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Puts lines on the whole terminal: as many as fit, and blanks where there are fewer. */
export function drawLines(lines: readonly string[], { columns, rows }: Size): string {
  return screenFrame(
    Array.from({ length: rows }, (_, row) => lines[row] ?? ""),
    columns,
  );
}

/** A whole line in reverse. Colours of its own would end it. */
export function reversed(line: string, columns: number): string {
  const text = beginningOf(line.replace(COLOURS, ""), columns);
  return `${REVERSE}${padToWidth(text, columns)}${PLAIN}`;
}

/** The end of a text that fits, for a line that is being typed. Line breaks show as a sign. */
export function endOf(text: string, cells: number): string {
  const oneLine = text.replaceAll("\n", "⏎");
  if (cellWidth(oneLine) <= cells) return oneLine;
  const characters = [...oneLine];
  let width = 1;
  let first = characters.length;
  while (first > 0 && width + cellWidth(characters[first - 1] ?? "") <= cells) {
    first -= 1;
    width += cellWidth(characters[first] ?? "");
  }
  return `…${characters.slice(first).join("")}`;
}

/** A text over as many lines as it needs, up to a number of them; what does not fit ends in `…`. */
export function wrapped(text: string, columns: number, maxLines: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== "" && lines.length < maxLines) {
    const line = beginningOf(rest, columns);
    // A terminal narrower than one character.
    if (line === "") break;
    rest = rest.slice(line.length);
    lines.push(rest !== "" && lines.length === maxLines - 1 ? `${beginningOf(line, columns - 1)}…` : line);
  }
  return lines;
}

/** The line to show first, so that the selected one is among those that fit.
 *  @param first the line shown first until now */
export function windowAround(selected: number, count: number, rows: number, first: number): number {
  const last = Math.max(0, count - rows);
  if (selected < first) return Math.min(selected, last);
  return Math.min(Math.max(first, selected - rows + 1), last);
}

const COLOURS = /\x1b\[[0-9;:]*m/g;

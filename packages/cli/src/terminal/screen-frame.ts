import { belowTable } from "../output/below-table.ts";
import { cutColoured } from "./cut-coloured.ts";

/** Ends colours and all else that text may have switched on. */
export const PLAIN = "\x1b[0m";
export const REVERSE = "\x1b[7m";

/** A picture of the whole terminal: as many lines as are given, which must not be more than it has, and nothing below them. */
export function screenFrame(lines: readonly string[], columns: number): string {
  const last = lines.length - 1;
  const drawn = lines.map((line, row) => screenLine(line, columns, row === last ? CLEAR_BELOW : CLEAR_LINE));
  return `${HOME}${drawn.length === 0 ? CLEAR_BELOW : drawn.join("\r\n")}`;
}

/** What stands below everything else on a screen: broken at words where that takes no more than a third of it, otherwise a line each,
 *  to be cut. */
export function screenEnd(
  remarks: readonly string[],
  last: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string[] {
  const whole = belowTable([...remarks, last], columns);
  return whole.length * 3 <= rows ? whole : [...remarks, last];
}

/** One line in place of what stood where the cursor is, at the beginning of a line; cut to the width. May have colours.
 *  @param clear what is wiped away before: afterwards it would take the last character of a line that is as wide as the terminal,
 *  since the cursor stays on that */
export function screenLine(line: string, columns: number, clear = CLEAR_LINE): string {
  return `${PLAIN}${clear}${cutColoured(line, columns)}${PLAIN}`;
}

const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

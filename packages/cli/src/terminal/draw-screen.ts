import { beginningOf, padToWidth } from "../output/cell-width.ts";
import type { RemoteScreen } from "./remote-screen.ts";
import { PLAIN, REVERSE, screenLine } from "./screen-frame.ts";

export interface LocalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Draws a remote screen into the local terminal: its lines, cropped to what fits, and a status line at the bottom. Where it
 *  is higher than the terminal, the part with the cursor is shown. */
export function drawScreen(screen: RemoteScreen, status: string, size: LocalSize): string {
  const shownRows = Math.max(0, size.rows - 1);
  const top = firstRow(screen, shownRows);
  let drawn = HIDE_CURSOR;
  for (let row = 0; row < shownRows; row++) {
    const line = screen.lines[top + row];
    drawn += `${moveTo(row, 0)}${screenLine(line ?? "", Math.min(size.columns, screen.columns))}`;
  }
  drawn += `${moveTo(size.rows - 1, 0)}${REVERSE}${padToWidth(beginningOf(status, size.columns), size.columns)}${PLAIN}`;
  return drawn + placeCursor(screen, top, shownRows, size);
}

function firstRow(screen: RemoteScreen, shownRows: number): number {
  const cursorRow = Math.min(screen.cursor?.row ?? 0, Math.max(0, screen.rows - 1));
  return cursorRow < shownRows ? 0 : cursorRow - shownRows + 1;
}

function placeCursor({ cursor }: RemoteScreen, top: number, shownRows: number, size: LocalSize): string {
  if (!cursor?.visible) return "";
  const row = cursor.row - top;
  const isInside = row >= 0 && row < shownRows && cursor.column < size.columns;
  return isInside ? `${moveTo(row, cursor.column)}${SHOW_CURSOR}` : "";
}

function moveTo(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

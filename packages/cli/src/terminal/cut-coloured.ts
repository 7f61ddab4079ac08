import { beginningOf, cellWidth } from "../output/cell-width.ts";

/** Cuts a line of text and SGR sequences (as `colouredText` makes it) to a width in cells. Colours cost no width. */
export function cutColoured(line: string, cells: number): string {
  let room = cells;
  let kept = "";
  for (const part of line.split(SEQUENCE)) {
    if (part.startsWith("\x1b")) {
      kept += part;
      continue;
    }
    const text = beginningOf(part, room);
    kept += text;
    room -= cellWidth(text);
    if (text.length < part.length) break;
  }
  return kept;
}

const SEQUENCE = /(\x1b\[[0-9;:]*m)/;

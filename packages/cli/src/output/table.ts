import { beginningOf, cellWidth, padToWidth } from "./cell-width.ts";
import type { Style, Tone } from "./style.ts";

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Keeps the table from jumping about while it is redrawn. Default: the title's width. */
  readonly minWidth?: number;
  /** The first to go on a narrow terminal is the one with the highest number. Absent: never goes. */
  readonly dropRank?: number;
  /** May be cut with `…` down to `MIN_CUT_WIDTH` before any column goes. Only the last column should. */
  readonly canBeCut?: boolean;
  /** How far it may be cut before another column goes. Default: `MIN_CUT_WIDTH`. */
  readonly leastWidth?: number;
}

/** One line of a table: cells by column, or the first few cells and then free text over the rest of the line, or its short form
 *  where it does not fit. */
export type TableRow =
  | { readonly kind: "cells"; readonly cells: readonly Cell[] }
  | { readonly kind: "remark"; readonly cells: readonly Cell[]; readonly text: string; readonly short?: string };

/** Text that is safe to print, with what it means. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface TableLayout {
  /** Undefined: as wide as it needs to be; nothing is ever lost on the way to a file or a program. */
  readonly columns: number | undefined;
  readonly style: Style;
}

/** Draws a table. Columns are two blanks apart; the last one is not padded.
 *  @returns lines without line breaks, the header first, and the titles of columns that had no room */
export function renderTable(
  columns: readonly Column[],
  rows: readonly TableRow[],
  layout: TableLayout,
): { lines: string[]; hidden: string[] } {
  const widths = columns.map((column, index) => columnWidth(column, index, rows));
  const shown = fittingColumns(columns, widths, layout.columns);
  const header = columns.map((column): Cell => ({ text: column.title, tone: "faint" }));
  const draw = (row: TableRow) => drawRow(row, shown, widths, layout);
  return {
    lines: [draw({ kind: "cells", cells: header }), ...rows.map(draw)],
    hidden: columns.filter((_column, index) => !shown.includes(index)).map((column) => column.title),
  };
}

function columnWidth(column: Column, index: number, rows: readonly TableRow[]): number {
  let width = Math.max(column.minWidth ?? 0, cellWidth(column.title));
  for (const row of rows) {
    // The last cell of a remark may run into the free space behind it, so it widens nothing.
    const isAligned = row.kind === "cells" || index < row.cells.length - 1;
    if (isAligned) width = Math.max(width, cellWidth(row.cells[index]?.text ?? ""));
  }
  return width;
}

/** Indexes of the columns that fit, in order. */
function fittingColumns(columns: readonly Column[], widths: readonly number[], limit: number | undefined): number[] {
  let shown = columns.map((_column, index) => index);
  if (limit === undefined) return shown;
  const rankOf = (index: number) => columns[index]?.dropRank ?? -1;
  while (leastWidth(columns, widths, shown) > limit) {
    const first = shown.reduce((worst, index) => (rankOf(index) > rankOf(worst) ? index : worst), shown[0] ?? 0);
    if (rankOf(first) < 0) break;
    shown = shown.filter((index) => index !== first);
  }
  return shown;
}

function leastWidth(columns: readonly Column[], widths: readonly number[], shown: readonly number[]): number {
  const least = shown.map((index) =>
    columns[index]?.canBeCut ? Math.min(columns[index].leastWidth ?? MIN_CUT_WIDTH, widths[index] ?? 0) : (widths[index] ?? 0),
  );
  return least.reduce((sum, width) => sum + width, GAP.length * Math.max(0, shown.length - 1));
}

function drawRow(row: TableRow, shown: readonly number[], widths: readonly number[], layout: TableLayout): string {
  const pieces: Cell[] = [];
  const last = row.kind === "remark" ? row.cells.length - 1 : shown.at(-1);
  for (const index of shown) {
    const cell = row.cells[index];
    if (row.kind === "remark" && index > (last ?? 0)) break;
    if (pieces.length > 0) pieces.push({ text: GAP });
    const isRagged = index === last && row.kind === "cells";
    pieces.push({ ...cell, text: isRagged ? (cell?.text ?? "") : padToWidth(cell?.text ?? "", widths[index] ?? 0) });
  }
  if (row.kind === "remark") pieces.push({ text: GAP }, { text: remarkText(row, widthOf(pieces), layout.columns) });
  return paint(pieces, layout);
}

// The short form begins with what matters most, so that the edge takes the least of it.
function remarkText({ text, short }: Extract<TableRow, { kind: "remark" }>, before: number, limit: number | undefined): string {
  if (short === undefined || limit === undefined) return text;
  return before + GAP.length + cellWidth(text) > limit ? short : text;
}

/** Puts the pieces together, cutting at the edge before any colour is put on. */
function paint(pieces: readonly Cell[], layout: TableLayout): string {
  const whole = withoutTrailingBlanks(pieces);
  const isTooWide = layout.columns !== undefined && widthOf(whole) > layout.columns;
  const shown = isTooWide ? [...withoutTrailingBlanks(takeCells(whole, layout.columns - 1)), { text: "…" }] : whole;
  return shown.map((piece) => toned(piece, layout.style)).join("");
}

function takeCells(pieces: readonly Cell[], cells: number): Cell[] {
  const taken: Cell[] = [];
  let room = cells;
  for (const piece of pieces) {
    const text = beginningOf(piece.text, room);
    taken.push({ ...piece, text });
    room -= cellWidth(text);
    if (text.length < piece.text.length) break;
  }
  return taken;
}

function withoutTrailingBlanks(pieces: readonly Cell[]): Cell[] {
  const kept = [...pieces];
  for (let last = kept.pop(); last; last = kept.pop()) {
    const text = last.text.trimEnd();
    if (text !== "") return [...kept, { ...last, text }];
  }
  return kept;
}

function widthOf(pieces: readonly Cell[]): number {
  return pieces.reduce((sum, piece) => sum + cellWidth(piece.text), 0);
}

function toned({ text, tone }: Cell, style: Style): string {
  if (tone === undefined) return text;
  const trimmed = text.trimEnd();
  return style(tone, trimmed) + text.slice(trimmed.length);
}

const GAP = "  ";
/** Less than this says nothing. */
const MIN_CUT_WIDTH = 12;

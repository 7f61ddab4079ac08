import type { TextView } from "../command.ts";
import { belowTable } from "./below-table.ts";
import { type Cell, type Column, renderTable } from "./table.ts";

/** One line of such a table. */
export interface ReasonRow {
  readonly cells: readonly Cell[];
  /** What a person has to read whole before deciding anything; safe to print. Empty: there is nothing to say. */
  readonly reason: string;
}

/** Draws a table whose last column holds reasons. Where one would not fit beside its row, all of them stand below theirs, set in and
 *  broken at words, and the columns have the room.
 *  @param columns those that go before the reasons leave their column have a `dropRank` above `last`'s
 *  @returns lines without line breaks, the header first, and the titles of columns that had no room */
export function reasonTable(
  columns: readonly Column[],
  last: Column,
  rows: readonly ReasonRow[],
  view: TextView,
): { lines: string[]; hidden: string[] } {
  const beside = renderTable(
    [...columns, last],
    rows.map(({ cells, reason }) => ({ kind: "cells", cells: [...cells, { text: reason }] })),
    view,
  );
  if (!beside.hidden.includes(last.title)) return beside;
  const { lines, hidden } = renderTable(
    columns,
    rows.map(({ cells }) => ({ kind: "cells", cells })),
    view,
  );
  const [header = "", ...drawn] = lines;
  const below = (reason = "") => (reason === "" ? [] : belowTable([`  ${reason}`], view.columns));
  return { lines: [header, ...drawn.flatMap((line, index) => [line, ...below(rows[index]?.reason)])], hidden };
}

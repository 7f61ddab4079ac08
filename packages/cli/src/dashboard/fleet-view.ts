import type { TextView } from "../command.ts";
import type { PsAnswer } from "../fleet/ps-answer.ts";
import type { PsItem } from "../fleet/ps-item.ts";
import { PS_COLUMNS } from "../output/ps-agent-row.ts";
import { answererLines, psFooter, scopeLines } from "../output/ps-footer.ts";
import { psRows } from "../output/ps-table.ts";
import { renderTable } from "../output/table.ts";
import { agentKey } from "./dashboard-state.ts";
import { reversed, type Size, windowAround } from "./draw-text.ts";
import { fitsFilter } from "./filter-items.ts";

/** What the list of the fleet is drawn from. */
export interface FleetPicture {
  readonly answer: PsAnswer;
  readonly filter: string;
  /** Key of the selected agent. */
  readonly selected: string | undefined;
  /** The line shown first until now. */
  readonly firstLine: number;
}

export interface FleetLines {
  readonly lines: readonly string[];
  /** The line shown first now. */
  readonly firstLine: number;
}

const LIMITS = { maxAgeMs: undefined };

/** The agents that a filter leaves, in the order in which they are shown. */
export function shownItems(answer: PsAnswer, filter: string): PsItem[] {
  return psRows(answer, LIMITS).flatMap(({ item }) => (item && fitsFilter(item, filter) ? [item] : []));
}

/** Draws the fleet: a line for each agent that the filter leaves, and for every host that has something to say, filter or not, so
 *  that none goes unseen; then what is wrong, and how much of the fleet this is. */
export function fleetLines(picture: FleetPicture, size: Size, view: TextView): FleetLines {
  const { answer, filter, selected, firstLine } = picture;
  const rows = psRows(answer, LIMITS).filter(({ item }) => item === undefined || fitsFilter(item, filter));
  const { lines } = renderTable(
    PS_COLUMNS,
    rows.map(({ row }) => row),
    { style: view.style, columns: size.columns - GUTTER },
  );
  const [header = "", ...body] = lines;
  const found = rows.findIndex(({ item }) => item !== undefined && agentKey(item) === selected);
  const at = found < 0 ? rows.findIndex(({ item }) => item !== undefined) : found;
  const remarks = [...scopeLines(answer.scope), ...answererLines(answer, view.style)];
  const tail = [...remarks, psFooter(answer, LIMITS, [], view.style)];
  const room = Math.max(1, size.rows - 1 - tail.length);
  const first = windowAround(Math.max(0, at), body.length, room, firstLine);
  const shown = body.slice(first, first + room).map((line, index) => {
    return first + index === at ? reversed(`› ${line}`, size.columns) : `  ${line}`;
  });
  const blank = Array.from({ length: room - shown.length }, () => "");
  return { lines: [`  ${header}${moreOf(first, body.length, room, view)}`, ...shown, ...blank, ...tail], firstLine: first };
}

function moreOf(first: number, count: number, room: number, view: TextView): string {
  if (count <= room) return "";
  return view.style("faint", `  ${first + 1}–${Math.min(count, first + room)} of ${count}`);
}

/** Cells before each line, for the mark of the selected one. */
const GUTTER = 2;

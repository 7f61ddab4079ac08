import type { TextView } from "../command.ts";
import { agentOf } from "../commands/agent/send-sentence.ts";
import type { SentReceipt } from "../commands/agent/sent-receipt.ts";
import { ageText } from "../output/age-text.ts";
import { plainText } from "../output/plain-text.ts";
import { type ReasonRow, reasonTable } from "../output/reason-table.ts";
import type { Column } from "../output/table.ts";
import { evidenceText, stateText, stateTone } from "./message-cells.ts";

/** A time of UUIDv7 to the millisecond: `019aa5b0-2c8e`. Few messages share it, and it can be typed. */
const SHORT_ID_LENGTH = 13;

const COLUMNS: readonly Column[] = [
  { title: "MESSAGE" },
  { title: "AGENT" },
  { title: "STATE", minWidth: 8 },
  { title: "EVIDENCE", dropRank: 3 },
  { title: "AGE", minWidth: 3, dropRank: 1 },
  { title: "FROM", dropRank: 4 },
];
const NOTES: Column = { title: "NOTES", dropRank: 2 };

/** Draws messages where a terminal has no room for all there is: ids down to what is enough to name them, the tenant only where there
 *  are several, and reasons on a line of their own where one would be cut.
 *  @returns the lines, the titles of columns that had no room, and whether ids are cut */
export function narrowMessages(
  items: readonly SentReceipt[],
  nowUnixMs: number,
  view: TextView,
): { lines: string[]; hidden: string[]; isIdCut: boolean } {
  const idLength = enoughOf(items.map((item) => item.message_id));
  const isIdCut = items.some((item) => item.message_id.length > idLength);
  const isOneTenant = new Set(items.map((item) => item.tenant_id)).size === 1;
  const rows = items.map((item) => rowOf(item, { idLength, isOneTenant, nowUnixMs }));
  return { ...reasonTable(COLUMNS, NOTES, rows, view), isIdCut };
}

/** Why a message is not where it should be, and which attempt it is; empty when there is nothing to say. */
export function reasonOf({ held, detail, attempt }: SentReceipt): string {
  const told = held === "" ? detail : `held: ${held}`;
  return [told, attempt > 1 ? `attempt ${attempt}` : ""].filter((part) => part !== "").join("; ");
}

/** How many characters tell each of these ids from the others. */
function enoughOf(ids: readonly string[]): number {
  const sorted = [...ids].sort();
  const shared = sorted.map((id, index) => {
    const next = sorted[index + 1] ?? "";
    let length = 0;
    while (length < id.length && id[length] === next[length]) length += 1;
    return length + 1;
  });
  return Math.max(SHORT_ID_LENGTH, ...shared);
}

function rowOf(
  item: SentReceipt,
  { idLength, isOneTenant, nowUnixMs }: { idLength: number; isOneTenant: boolean; nowUnixMs: number },
): ReasonRow {
  const cells = [
    { text: plainText(item.message_id.slice(0, idLength)), tone: "strong" as const },
    { text: plainText(isOneTenant ? `${item.host}/${item.name}` : agentOf(item)) },
    { text: stateText(item), ...stateTone(item) },
    { text: evidenceText(item) },
    { text: item.created_at === null ? "-" : ageText(nowUnixMs - Date.parse(item.created_at)) },
    { text: item.source_label === "" ? "-" : plainText(item.source_label) },
  ];
  return { cells, reason: plainText(reasonOf(item)) };
}

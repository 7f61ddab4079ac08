import type { TextView } from "../command.ts";
import type { AuditListAnswer } from "../commands/audit/audit-record.ts";
import { belowTable } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { type Column, renderTable, type TableRow } from "./table.ts";
import { utcText } from "./utc-text.ts";

const COLUMNS: readonly Column[] = [
  { title: "INDEX", dropRank: 1 },
  { title: "AT" },
  { title: "ACTION" },
  { title: "ACTOR", dropRank: 2 },
  { title: "AGENT" },
  { title: "FACTS", canBeCut: true },
];

/** Draws what is on record, a line each, oldest first. */
export function auditTable({ items, path, unreadable_count }: AuditListAnswer, view: TextView): string {
  const unreadable = unreadable_count === 0 ? "" : ` ${unreadable_count} lines are no record: mosaic audit verify.`;
  if (items.length === 0) return `Nothing of that is on record in ${plainText(path)}.${unreadable}\n`;
  const rows = items.map(
    ({ index, at, action, actor, agent, facts }): TableRow => ({
      kind: "cells",
      cells: [
        { text: index === null ? "-" : String(index), tone: "faint" },
        { text: utcText(plainText(at)) },
        { text: plainText(action), tone: "strong" },
        { text: plainText(actor) },
        { text: plainText(agent ?? "-") },
        { text: factsText(facts) },
      ],
    }),
  );
  const { lines } = renderTable(COLUMNS, rows, view);
  const count = `${items.length} ${items.length === 1 ? "record" : "records"}.${unreadable}`;
  return `${[...lines, ...belowTable([count], view.columns)].join("\n")}\n`;
}

function factsText(facts: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return plainText(told.join(" "));
}

import type { TextView } from "../command.ts";
import { agentOf } from "../commands/agent/send-sentence.ts";
import type { SentReceipt } from "../commands/agent/sent-receipt.ts";
import { ageText } from "../output/age-text.ts";
import { belowTable, notShown } from "../output/below-table.ts";
import { plainText } from "../output/plain-text.ts";
import { missingText } from "../output/ps-footer.ts";
import { hostLine } from "../output/status-text.ts";
import { type Column, renderTable, type TableRow } from "../output/table.ts";
import { evidenceText, stateText, stateTone } from "./message-cells.ts";
import type { MessageListAnswer } from "./message-list.ts";
import { narrowMessages, reasonOf } from "./narrow-messages.ts";

const COLUMNS: readonly Column[] = [
  { title: "MESSAGE" },
  { title: "AGENT" },
  { title: "STATE", minWidth: 8 },
  { title: "EVIDENCE" },
  { title: "AGE", minWidth: 3 },
  { title: "NOTES", dropRank: 1 },
];

/** Draws messages for people, with the hosts that did not answer and a last line that says whether these are all.
 *  @param nowUnixMs by the clock of this machine */
export function messageTable(answer: MessageListAnswer, nowUnixMs: number, view: TextView): string {
  const rows = answer.items.map((item) => rowOf(item, nowUnixMs));
  const whole = renderTable(COLUMNS, rows, view);
  const { lines, hidden, isIdCut } =
    whole.hidden.length > 0 ? narrowMessages(answer.items, nowUnixMs, view) : { ...whole, isIdCut: false };
  const count = answer.items.length;
  const gaps = missingText(answer, undefined);
  const footer = [
    count === 0 ? "No messages." : `${count} ${count === 1 ? "message" : "messages"}.`,
    ...(answer.truncated ? ["There are more: --limit."] : []),
    ...(gaps === "" ? [] : [`${view.style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "node" ? ["via: node (this host only)."] : []),
    ...(isIdCut ? [view.style("faint", "Of an id the beginning is enough.")] : []),
    ...(count > 0 ? notShown(hidden, view.style) : []),
  ].join(" ");
  const hosts = answer.hosts.flatMap((host) => (host.state === "LIVE" ? [] : hostLine(host, view.style)));
  return `${[...(count === 0 ? [] : lines), ...belowTable([...hosts, footer], view.columns)].join("\n")}\n`;
}

function rowOf(item: SentReceipt, nowUnixMs: number): TableRow {
  return {
    kind: "cells",
    cells: [
      { text: plainText(item.message_id), tone: "strong" },
      { text: plainText(agentOf(item)) },
      { text: stateText(item), ...stateTone(item) },
      { text: evidenceText(item) },
      { text: item.created_at === null ? "-" : ageText(nowUnixMs - Date.parse(item.created_at)) },
      { text: plainText(notesOf(item)) },
    ],
  };
}

function notesOf(item: SentReceipt): string {
  const from = item.source_label === "" ? "" : `from ${item.source_label}`;
  return [reasonOf(item), from].filter((part) => part !== "").join("; ");
}

import type { TextView } from "../command.ts";
import { agentOf } from "../commands/agent/send-sentence.ts";
import type { SentReceipt } from "../commands/agent/sent-receipt.ts";
import { ageText } from "../output/age-text.ts";
import { plainText } from "../output/plain-text.ts";
import { missingText } from "../output/ps-footer.ts";
import { hostLine } from "../output/status-text.ts";
import type { Tone } from "../output/style.ts";
import { type Column, renderTable, type TableRow } from "../output/table.ts";
import type { MessageListAnswer } from "./message-list.ts";

const COLUMNS: readonly Column[] = [
  { title: "MESSAGE" },
  { title: "AGENT" },
  { title: "STATE", minWidth: 8 },
  { title: "EVIDENCE", dropRank: 3 },
  { title: "AGE", minWidth: 3, dropRank: 2 },
  { title: "NOTES", dropRank: 1, canBeCut: true },
];

/** Draws messages for people, with the hosts that did not answer and a last line that says whether these are all.
 *  @param nowUnixMs by the clock of this machine */
export function messageTable(answer: MessageListAnswer, nowUnixMs: number, view: TextView): string {
  const { lines, hidden } = renderTable(
    COLUMNS,
    answer.items.map((item) => rowOf(item, nowUnixMs)),
    view,
  );
  const count = answer.items.length;
  const gaps = missingText(answer, undefined);
  const footer = [
    count === 0 ? "No messages." : `${count} ${count === 1 ? "message" : "messages"}.`,
    ...(answer.truncated ? ["There are more: --limit."] : []),
    ...(gaps === "" ? [] : [`${view.style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "node" ? ["via: node (this host only)."] : []),
    ...(hidden.length > 0 && count > 0 ? [view.style("faint", `Not shown: ${hidden.join(" ")} (--wide).`)] : []),
  ].join(" ");
  const hosts = answer.hosts.flatMap((host) => (host.state === "LIVE" ? [] : hostLine(host, view.style)));
  return `${[...(count === 0 ? [] : lines), ...hosts, footer].join("\n")}\n`;
}

/** A state with its reason, as one word: `FAILED(DRAFT)`. */
export function stateText({ state, reason }: Pick<SentReceipt, "state" | "reason">): string {
  return plainText(reason === null ? state : `${state}(${reason})`);
}

/** How a state looks. */
export function stateTone(receipt: Pick<SentReceipt, "state" | "held">): { tone?: Tone } {
  const tone = receipt.held === "" ? TONES[receipt.state] : "attention";
  return tone ? { tone } : {};
}

/** What the furthest state rests on; `-` for what Mosaic did itself. */
export function evidenceText({ state, steps }: Pick<SentReceipt, "state" | "steps">): string {
  const evidence = steps.findLast((step) => step.state === state)?.evidence ?? "none";
  return evidence === "none" ? "-" : plainText(evidence);
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

function notesOf({ held, detail, attempt, source_label }: SentReceipt): string {
  const told = held === "" ? detail : `held: ${held}`;
  const tries = attempt > 1 ? `attempt ${attempt}` : "";
  return [told, tries, source_label === "" ? "" : `from ${source_label}`].filter((part) => part !== "").join("; ");
}

const TONES: Readonly<Record<string, Tone>> = {
  ACCEPTED: "good",
  ANSWERED: "good",
  UNCONFIRMED: "attention",
  FAILED: "bad",
  EXPIRED: "bad",
};

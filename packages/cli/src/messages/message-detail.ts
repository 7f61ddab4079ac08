import type { TextView } from "../command.ts";
import { agentOf, elapsedMs, proofOf } from "../commands/agent/send-sentence.ts";
import type { SentReceipt, SentStep } from "../commands/agent/sent-receipt.ts";
import { belowTable } from "../output/below-table.ts";
import { plainText, screenText } from "../output/plain-text.ts";
import { hostLine } from "../output/status-text.ts";
import { type Column, renderTable, type TableRow } from "../output/table.ts";
import { utcText } from "../output/utc-text.ts";
import { stateText, stateTone } from "./message-cells.ts";
import type { MessageShowAnswer } from "./message-show.ts";

/** One message in full: what is known of it, and every step with what it rests on and how long it took. */
export function messageDetail({ receipt, text, hosts }: MessageShowAnswer, view: TextView): string {
  const { style } = view;
  const tone = stateTone(receipt).tone;
  const state = stateText(receipt);
  const head = `${style("strong", plainText(agentOf(receipt)))}  ${tone ? style(tone, state) : state}${plainText(proofOf(receipt))}`;
  const facts = factsOf(receipt).map(([title, fact]) => `  ${title.padEnd(TITLE_WIDTH)}  ${plainText(fact)}`);
  const steps = stepLines(receipt.steps, view);
  const silent = hosts.flatMap((host) => (host.state === "LIVE" ? [] : hostLine(host, style)));
  const body = text === null ? [] : ["", ...text.split("\n").map((line) => `  ${screenText(line)}`)];
  return `${[head, ...facts, "", ...steps, ...body, ...(silent.length === 0 ? [] : ["", ...belowTable(silent, view.columns)])].join("\n")}\n`;
}

function factsOf(receipt: SentReceipt): [string, string][] {
  const sent = receipt.created_at === null ? [] : [`sent ${utcText(receipt.created_at)}`];
  const size = receipt.text_bytes === 0 ? [] : [`${receipt.text_bytes} bytes`];
  const facts: [string, string][] = [
    ["message", receipt.message_id],
    ["from", [receipt.source_label || "nobody who said so", ...size, ...sent].join(", ")],
    ["expires", receipt.expires_at === null ? "" : utcText(receipt.expires_at)],
    ["held", receipt.held],
    ["why", receipt.held === "" && receipt.reason !== null ? receipt.detail : ""],
    ["attempt", receipt.attempt > 1 ? String(receipt.attempt) : ""],
    ["turn", receipt.turn_id],
    ["guard", receipt.guard === null ? "" : `${receipt.guard.mode} by ${receipt.guard.rules.join(", ")}`],
    ["text hash", receipt.text_sha256 === "" ? "" : `sha256 ${receipt.text_sha256}`],
  ];
  return facts.filter(([, fact]) => fact !== "");
}

function stepLines(steps: readonly SentStep[], view: TextView): string[] {
  if (steps.length === 0) return ["  no step is on record"];
  const rows = steps.map((step, index): TableRow => {
    const evidence = step.evidence === "none" ? "-" : plainText(step.evidence);
    const cells = [plainText(step.state), timeText(step), tookText(steps[index - 1], step), evidence, plainText(step.detail)];
    return { kind: "cells", cells: cells.map((text) => ({ text })) };
  });
  const columns = view.columns === undefined ? undefined : view.columns - 2;
  return renderTable(COLUMNS, rows, { ...view, columns }).lines.map((line) => `  ${line}`);
}

function timeText({ at }: SentStep): string {
  return at === null ? "-" : utcText(at).slice(0, -" UTC".length);
}

function tookText(before: SentStep | undefined, step: SentStep): string {
  if (before === undefined || before.at === null || step.at === null) return "-";
  const ms = elapsedMs(before, step);
  // The first step is told by the clock of another host, which may be ahead.
  if (ms === undefined) return "clocks differ";
  if (ms < 10_000) return `+${ms} ms`;
  return ms < 600_000 ? `+${Math.round(ms / 1000)} s` : `+${Math.round(ms / 60_000)} min`;
}

const COLUMNS: readonly Column[] = [
  { title: "STEP" },
  { title: "AT (UTC)", dropRank: 2 },
  { title: "TOOK" },
  { title: "EVIDENCE" },
  { title: "DETAIL", dropRank: 1, canBeCut: true },
];
const TITLE_WIDTH = 9;

import { formatAddress } from "@mosaic/core/light";
import type { TextView } from "../command.ts";
import type { ApprovalsAnswer, WaitingItem } from "../fleet/approvals-answer.ts";
import { approvalText } from "../fleet/ps-approval.ts";
import { ageText } from "./age-text.ts";
import { plainText } from "./plain-text.ts";
import { missingText } from "./ps-footer.ts";
import { hostLine } from "./status-text.ts";
import { type Column, renderTable, type TableRow } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "AGENT" },
  { title: "RUNTIME", dropRank: 3 },
  { title: "AGE", minWidth: 3, dropRank: 2 },
  { title: "REQUEST" },
  { title: "ASKS FOR", dropRank: 1, canBeCut: true },
];

/** Draws what agents wait for a person with, the hosts that did not answer, and how to answer. */
export function approvalsTable(answer: ApprovalsAnswer, view: TextView): string {
  const { lines, hidden } = renderTable(COLUMNS, answer.items.map(rowOf), view);
  const gaps = missingText(answer, undefined);
  const count = answer.items.length;
  const footer = [
    count === 0 ? "No agent waits for an answer." : `${count} to answer.`,
    ...(gaps === "" ? [] : [`${view.style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "node" ? ["via: node (this host only)."] : []),
    ...(hidden.length > 0 && count > 0 ? [view.style("faint", `Not shown: ${hidden.join(" ")} (--wide).`)] : []),
  ].join(" ");
  const hosts = answer.hosts.flatMap((host) => (host.state === "LIVE" ? [] : hostLine(host, view.style)));
  return `${[...(count === 0 ? [] : lines), ...hosts, footer, ...waysOn(answer.items)].join("\n")}\n`;
}

function waitingAgent({ tenant_id: tenantId, host, name }: Pick<WaitingItem, "tenant_id" | "host" | "name">): string {
  return formatAddress({ tenantId, host, name });
}

function rowOf(item: WaitingItem): TableRow {
  return {
    kind: "cells",
    cells: [
      { text: plainText(waitingAgent(item)), tone: item.state === "STALE" ? "mesh" : "strong" },
      { text: item.runtime === "" ? "-" : plainText(item.runtime) },
      { text: item.age_ms === null ? "-" : ageText(item.age_ms) },
      item.answerable ? { text: plainText(item.request_id) } : { text: plainText(item.request_id || "-"), tone: "faint" },
      { text: plainText(item.answerable ? approvalText(item) : `${approvalText(item)} (at its terminal)`) },
    ],
  };
}

// One of each kind, so that the lines can be copied and stay few.
function waysOn(items: readonly WaitingItem[]): string[] {
  const answerable = items.find((item) => item.answerable);
  const manual = items.find((item) => !item.answerable);
  return [
    ...(answerable ? [`answer: mosaic agent approve ${waitingAgent(answerable)} ${answerable.request_id} (or deny)`] : []),
    ...(manual ? [`at its terminal: mosaic agent attach ${waitingAgent(manual)}`] : []),
  ].map(plainText);
}

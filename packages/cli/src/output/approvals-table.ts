import { formatAddress } from "@mosaic/core/light";
import type { TextView } from "../command.ts";
import type { ApprovalsAnswer, WaitingItem } from "../fleet/approvals-answer.ts";
import { approvalText } from "../fleet/ps-approval.ts";
import { ageText } from "./age-text.ts";
import { belowTable, notShown } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { missingText } from "./ps-footer.ts";
import { type ReasonRow, reasonTable } from "./reason-table.ts";
import { hostLine } from "./status-text.ts";
import type { Column } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "AGENT" },
  { title: "RUNTIME", dropRank: 3 },
  { title: "AGE", minWidth: 3, dropRank: 1 },
  { title: "REQUEST" },
];
/** Nobody should answer what was cut. */
const ASKS_FOR: Column = { title: "ASKS FOR", dropRank: 2 };

/** Draws what agents wait for a person with, the hosts that did not answer, and how to answer. */
export function approvalsTable(answer: ApprovalsAnswer, view: TextView): string {
  const { lines, hidden } = reasonTable(COLUMNS, ASKS_FOR, answer.items.map(rowOf), view);
  const gaps = missingText(answer, undefined);
  const count = answer.items.length;
  const footer = [
    count === 0 ? "No agent waits for an answer." : `${count} to answer.`,
    ...(gaps === "" ? [] : [`${view.style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "node" ? ["via: node (this host only)."] : []),
    ...(count > 0 ? notShown(hidden, view.style) : []),
  ].join(" ");
  const hosts = answer.hosts.flatMap((host) => (host.state === "LIVE" ? [] : hostLine(host, view.style)));
  const below = belowTable([...hosts, footer], view.columns);
  return `${[...(count === 0 ? [] : lines), ...below, ...waysOn(answer.items)].join("\n")}\n`;
}

function waitingAgent({ tenant_id: tenantId, host, name }: Pick<WaitingItem, "tenant_id" | "host" | "name">): string {
  return formatAddress({ tenantId, host, name });
}

function rowOf(item: WaitingItem): ReasonRow {
  return {
    cells: [
      { text: plainText(waitingAgent(item)), tone: item.state === "STALE" ? "mesh" : "strong" },
      { text: item.runtime === "" ? "-" : plainText(item.runtime) },
      { text: item.age_ms === null ? "-" : ageText(item.age_ms) },
      item.answerable ? { text: plainText(item.request_id) } : { text: plainText(item.request_id || "-"), tone: "faint" },
    ],
    reason: plainText(item.answerable ? approvalText(item) : `${approvalText(item)} (at its terminal)`),
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

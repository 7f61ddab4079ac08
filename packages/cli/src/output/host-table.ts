import type { TextView } from "../command.ts";
import type { HostListAnswer, ListedHost } from "../fleet/host-list.ts";
import { isAnswering } from "../fleet/ps-answer.ts";
import { ageText, waitText } from "./age-text.ts";
import { plainText } from "./plain-text.ts";
import { missingText } from "./ps-footer.ts";
import { type Column, renderTable, type TableRow } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "TENANT" },
  { title: "HOST" },
  { title: "STATE", minWidth: 11 },
  { title: "AGE", minWidth: 5 },
  { title: "AGENTS", dropRank: 2 },
  { title: "VERSION", dropRank: 4 },
  { title: "ADDRESS", dropRank: 3 },
  { title: "NOTES", dropRank: 1, canBeCut: true },
];

/** Draws the hosts for people, with a last line that says whether all of them answer. */
export function hostTable(answer: HostListAnswer, maxAgeMs: number | undefined, view: TextView): string {
  const { lines, hidden } = renderTable(COLUMNS, answer.hosts.map(rowOf), view);
  const answering = answer.hosts.filter(isAnswering).length;
  const total = answer.hosts.length;
  const gaps = missingText(answer, maxAgeMs);
  const footer = [
    `${answering} of ${total} ${total === 1 ? "host answers" : "hosts answer"}.`,
    ...(gaps === "" ? [] : [`${view.style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "node" ? ["via: node (this host only)."] : []),
    ...(hidden.length > 0 ? [view.style("faint", `Not shown: ${hidden.join(" ")} (--wide).`)] : []),
  ].join(" ");
  return `${[...(total === 0 ? [] : lines), footer].join("\n")}\n`;
}

function rowOf(host: ListedHost): TableRow {
  const isLost = !isAnswering(host);
  return {
    kind: "cells",
    cells: [
      { text: plainText(host.tenant_id) },
      { text: plainText(host.host), tone: "strong" },
      { text: plainText(host.state), tone: isLost ? "mesh" : "good" },
      { text: host.age_ms === null ? "never" : ageText(host.age_ms) },
      { text: String(host.agent_count) },
      { text: orDash(host.version) },
      { text: orDash(host.address) },
      { text: plainText(notesOf(host)) },
    ],
  };
}

function notesOf(host: ListedHost): string {
  const why = host.detail || host.code;
  const retry = host.retry_in_ms === null ? "" : `retry in ${waitText(host.retry_in_ms)}`;
  const conditions = host.conditions.map(({ type, message }) => (message === "" ? type : `${type}: ${message}`));
  return [[why, retry].filter((part) => part !== "").join(", "), ...conditions].filter((part) => part !== "").join("; ");
}

function orDash(text: string): string {
  return text === "" ? "-" : plainText(text);
}

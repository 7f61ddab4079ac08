import type { TextView } from "../command.ts";
import type { HostListAnswer, ListedHost } from "../fleet/host-list.ts";
import { isAnswering } from "../fleet/ps-answer.ts";
import { ageText, waitText } from "./age-text.ts";
import { bareReason } from "./bare-reason.ts";
import { belowTable, notShown } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { answererLines, missingText } from "./ps-footer.ts";
import { type Column, renderTable, type TableRow } from "./table.ts";

const VIA: Column = { title: "VIA", dropRank: 5 };
const COLUMNS: readonly Column[] = [
  { title: "TENANT" },
  { title: "HOST" },
  { title: "STATE", minWidth: 11 },
  { title: "AGE", minWidth: 5 },
  { title: "AGENTS", dropRank: 2 },
  { title: "VERSION", dropRank: 4 },
  { title: "ADDRESS", dropRank: 3 },
];
const NOTES: Column = { title: "NOTES", dropRank: 1, canBeCut: true };
/** Why a host is lost is worth more than its address, which `host describe` tells too. */
const REASONS: Column = { ...NOTES, leastWidth: 30 };

/** Draws the hosts for people, with a last line that says whether all of them answer. */
export function hostTable(answer: HostListAnswer, maxAgeMs: number | undefined, view: TextView): string {
  const hasVia = answer.hosts.some((host) => viaText(host) !== "");
  const notes = answer.hosts.every(isAnswering) ? { ...NOTES, leastWidth: namesWidth(answer.hosts) } : REASONS;
  const columns = [...COLUMNS, ...(hasVia ? [VIA] : []), notes];
  const rows = answer.hosts.map((host) => rowOf(host, hasVia));
  const { lines, hidden } = renderTable(columns, rows, view);
  const answering = answer.hosts.filter(isAnswering).length;
  const total = answer.hosts.length;
  const gaps = missingText(answer, maxAgeMs);
  const footer = [
    `${answering} of ${total} ${total === 1 ? "host answers" : "hosts answer"}.`,
    ...(gaps === "" ? [] : [`${view.style("bad", "INCOMPLETE")}: ${gaps}.`]),
    ...(answer.via === "node" ? ["via: node (this host only)."] : []),
    ...notShown(hidden, view.style),
  ].join(" ");
  const below = belowTable([...answererLines(answer, view.style), footer], view.columns);
  return `${[...(total === 0 ? [] : lines), ...below].join("\n")}\n`;
}

/** So wide that what a host has is told by its name at least: `CLOCK_SKEW:…`. */
function namesWidth(hosts: readonly ListedHost[]): number {
  return Math.max(...hosts.map(({ conditions: [first] }) => (first?.type.length ?? 0) + 2), 12);
}

function rowOf(host: ListedHost, hasVia: boolean): TableRow {
  const isLost = !isAnswering(host);
  return {
    kind: "cells",
    cells: [
      { text: plainText(host.tenant_id) },
      { text: plainText(host.host), tone: "strong" },
      { text: plainText(host.state), tone: isLost ? "mesh" : host.state === "DRAINING" ? "attention" : "good" },
      { text: host.age_ms === null ? "never" : ageText(host.age_ms) },
      { text: String(host.agent_count) },
      { text: orDash(host.version) },
      { text: orDash(host.address) },
      ...(hasVia ? [{ text: orDash(viaText(host)) }] : []),
      { text: plainText(notesOf(host)) },
    ],
  };
}

function notesOf(host: ListedHost): string {
  const why = bareReason(host);
  const retry = host.retry_in_ms === null ? "" : `retry in ${waitText(host.retry_in_ms)}`;
  const conditions = host.conditions.map(({ type, message }) => (message === "" ? type : `${type}: ${message}`));
  return [[why, retry].filter((part) => part !== "").join(", "), ...conditions].filter((part) => part !== "").join("; ");
}

/** By which member a host is reached, where that is not its own node, and by which others it could be. */
function viaText({ routes, via }: ListedHost): string {
  const [used, ...others] = routes;
  if (!used || (via.length < 2 && others.length === 0)) return "";
  const further = others.map(({ member, state }) => (state === "LIVE" ? member : `${member} ${state}`));
  return [used.member, ...(further.length > 0 ? [`(or ${further.join(", ")})`] : [])].join(" ");
}

function orDash(text: string): string {
  return text === "" ? "-" : plainText(text);
}

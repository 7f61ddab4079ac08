import type { TextView } from "../command.ts";
import { isAnswering } from "../fleet/ps-answer.ts";
import { ageText } from "../output/age-text.ts";
import { belowTable } from "../output/below-table.ts";
import { plainText } from "../output/plain-text.ts";
import { type Column, renderTable, type TableRow } from "../output/table.ts";
import type { PresenceAnswer, PresentAtTerminal, PresentCaller, PresentDaemon } from "./presence-answer.ts";

const CALLERS: readonly Column[] = [
  { title: "  CALLER" },
  { title: "AS" },
  { title: "FROM", dropRank: 2 },
  { title: "OPEN NOW" },
  { title: "LAST CALL", dropRank: 1 },
];

/** Who is there, daemon by daemon, and what a restart would disturb. */
export function presenceText(answer: PresenceAnswer, view: TextView): string {
  const { body, missing, last } = presenceParts(answer, view);
  const gap = body.length === 0 || missing.length === 0 ? [] : [""];
  const below = [...belowTable(missing, view.columns), "", ...belowTable([last], view.columns)];
  return [...body, ...gap, ...below].map((line) => `${line}\n`).join("");
}

/** The same in its parts, each of lines: the daemons with a blank line between them, the hosts that do not answer, the end. */
export function presenceParts(answer: PresenceAnswer, view: TextView): { body: string[]; missing: string[]; last: string } {
  const missing = answer.hosts
    .filter((host) => !isAnswering(host))
    .map(
      ({ tenant_id, host, state, detail }) =>
        `${view.style("bad", plainText(state))}  ${plainText(`${tenant_id}/${host}${detail === "" ? "" : `: ${detail}`}`)}`,
    );
  const body = answer.items.flatMap((daemon, index) => [...(index === 0 ? [] : [""]), ...daemonLines(daemon, view)]);
  return { body, missing, last: disturbedText(answer) };
}

function daemonLines(daemon: PresentDaemon, view: TextView): string[] {
  const { role, tenant_id, host, version, uptime_ms, callers, terminals } = daemon;
  const name = tenant_id === "" ? host : `${tenant_id}/${host}`;
  const head = `${view.style("strong", plainText(`${role} ${name}`))}  ${plainText(version)}, up ${ageText(uptime_ms)}`;
  const rows = callers.map(callerRow);
  const { lines } =
    rows.length === 0 ? { lines: [`  ${view.style("faint", "nobody called lately")}`] } : renderTable(CALLERS, rows, view);
  const taken = terminals.map((one) => terminalText(one, view));
  return [head, ...lines, ...belowTable(taken, view.columns)];
}

function callerRow({ subject, kind, carrier, relayed_by, streams, last_method, last_call_age_ms }: PresentCaller): TableRow {
  const open = Object.entries(streams).map(([method, count]) => (count === 1 ? method : `${method} ×${count}`));
  const via = relayed_by === null ? "" : ` by ${relayed_by}`;
  const cells = [
    `  ${subject.replace(/^tenant\//, "")}${via}`,
    ...[kind, carrier, open.length === 0 ? "-" : open.join(" "), `${last_method} ${ageText(last_call_age_ms)} ago`],
  ];
  return { kind: "cells", cells: cells.map((text) => ({ text: plainText(text) })) };
}

function terminalText({ agent, mode, subject, label, for_ms }: PresentAtTerminal, { style }: TextView): string {
  const who =
    subject === null
      ? "somebody of another tenant"
      : [subject.replace(/^tenant\//, ""), label && `(${label})`].filter(Boolean).join(" ");
  return `  ${style(mode === "attached" ? "attention" : "mesh", plainText(mode))} ${plainText(agent)}: ${plainText(who)}, for ${ageText(for_ms)}`;
}

type Items = Pick<PresenceAnswer, "items">;

/** True when an end of these daemons would disturb somebody. */
export function isAnybodyServed({ items }: Items): boolean {
  return servedIn({ items }) > 0 || items.some(({ terminals }) => terminals.length > 0);
}

/** Whom an end of these daemons would disturb, in one sentence. */
export function disturbedText({ items }: Items): string {
  if (!isAnybodyServed({ items })) return "Nobody has anything open: a restart would disturb nobody.";
  // Over an aggregator somebody is at the same terminal twice: there, and at the node.
  const terminals = new Map(items.flatMap((each) => each.terminals).map((one) => [`${one.agent} ${one.mode} ${one.label}`, one]));
  const attached = [...terminals.values()].filter(({ mode }) => mode === "attached").length;
  const served = servedIn({ items });
  const callers = `${served} ${served === 1 ? "caller has" : "callers have"} streams open`;
  return `${callers}; ${attached} ${attached === 1 ? "terminal" : "terminals"} taken over, ${terminals.size - attached} watched.`;
}

// Whom an aggregator passes on is counted there.
function servedIn({ items }: Items): number {
  const own = items.flatMap(({ callers }) => callers.filter(({ kind }) => kind !== "aggregator"));
  return own.filter(({ streams }) => Object.keys(streams).length > 0).length;
}

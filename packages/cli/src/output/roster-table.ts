import type { TextView } from "../command.ts";
import type { LimitsJson, RosterAnswer, RosterItem } from "../fleet/roster-answer.ts";
import { belowTable, notShown } from "./below-table.ts";
import { plainText } from "./plain-text.ts";
import { type Column, renderTable, type TableRow } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "AGENT" },
  { title: "RUNTIME", minWidth: 8 },
  { title: "CLASS" },
  { title: "LIFECYCLE", dropRank: 4 },
  { title: "DIRECTORY", dropRank: 3 },
  { title: "RESET", dropRank: 2 },
  { title: "NOTES", dropRank: 1, canBeCut: true },
];

/** Draws a roster for people: one line per agent, and a last one that says whose they are. */
export function rosterTable(answer: RosterAnswer, view: TextView): string {
  const { lines, hidden } = renderTable(COLUMNS, answer.items.map(rowOf), view);
  const count = `${answer.items.length} ${answer.items.length === 1 ? "agent" : "agents"}`;
  const where = plainText(`${answer.tenant_id}/${answer.host} on tmux socket ${answer.tmux.socket_name}, from ${answer.path}.`);
  const footer = [`${count} of ${where}`, ...notShown(hidden, view.style, "--json")].join(" ");
  return `${[...lines, ...belowTable([footer], view.columns)].join("\n")}\n`;
}

function rowOf(item: RosterItem): TableRow {
  return {
    kind: "cells",
    cells: [
      { text: plainText(item.name), tone: "strong" },
      { text: plainText(item.runtime) },
      { text: item.class === "" ? "-" : plainText(item.class) },
      { text: item.lifecycle },
      { text: plainText(item.working_directory) },
      { text: item.reset_command === null ? "-" : plainText(item.reset_command) },
      { text: plainText(notesOf(item)) },
    ],
  };
}

function notesOf(item: RosterItem): string {
  const persona = item.persistent_persona;
  return [
    item.command === null ? "" : `command: ${item.command.join(" ")}`,
    item.model_hint === null ? "" : `model: ${item.model_hint}`,
    item.reset_between_tasks ? "reset between tasks" : "",
    persona === true ? "keeps its persona" : typeof persona === "string" ? `persona: ${persona}` : "",
    item.kickstart_template === null ? "" : "kickstart",
    limitsText(item.limits),
    item.recording === null ? "" : "recorded",
  ]
    .filter((note) => note !== "")
    .join("; ");
}

function limitsText({ memory_max, memory_high, cpu_quota_percent, tasks_max }: LimitsJson): string {
  const parts = [
    memory_max === null ? "" : `memory ${memory_max}`,
    memory_high === null ? "" : `memory high ${memory_high}`,
    cpu_quota_percent === null ? "" : `CPU ${cpu_quota_percent} %`,
    tasks_max === null ? "" : `${tasks_max} tasks`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `at most ${parts.join(", ")}`;
}

import type { PsHeartbeat, PsItem, PsSystemd } from "../fleet/ps-item.ts";
import { ageText } from "./age-text.ts";
import { plainText } from "./plain-text.ts";
import type { Tone } from "./style.ts";
import type { Column, TableRow } from "./table.ts";

/** The columns of `fleet ps`. The least widths are those of the usual content, so that tables look alike. */
export const PS_COLUMNS: readonly Column[] = [
  { title: "TENANT" },
  { title: "HOST" },
  { title: "AGENT" },
  { title: "RUNTIME", minWidth: 8, dropRank: 3 },
  { title: "STATE", minWidth: 8 },
  { title: "HEARTBEAT", minWidth: 12, dropRank: 2 },
  { title: "SYSTEMD", dropRank: 5 },
  { title: "PID", minWidth: 5, dropRank: 6 },
  { title: "IDLE", dropRank: 4 },
  { title: "NOTES", dropRank: 1, canBeCut: true },
];

/** One agent as a line of the table.
 *  @param hasSystemd false: its host is known to have none */
export function agentCells(item: PsItem, hasSystemd: boolean): TableRow {
  const { pane } = item;
  return {
    kind: "cells",
    cells: [
      { text: orDash(item.tenant_id) },
      { text: orDash(item.host) },
      { text: orDash(item.name), tone: "strong" },
      { text: orDash(item.runtime) },
      { text: plainText(item.state), ...toneOf(item.state) },
      heartbeatCell(item.heartbeat),
      systemdCell(item.systemd, hasSystemd),
      { text: String(pane?.pid ?? "-") },
      { text: pane?.idle_ms === undefined || pane.idle_ms === null ? "-" : ageText(pane.idle_ms) },
      { text: plainText(notesOf(item)), ...(hasFlags(item) ? { tone: "attention" as const } : {}) },
    ],
  };
}

/** What needs saying about an agent: facts with names of their own first, then words. */
function notesOf(item: PsItem): string {
  const lane = item.lane === "" ? "" : `lane ${item.lane}`;
  const told = [lane, [item.waiting_for, item.state_detail].filter((part) => part !== "").join(": ")]
    .filter((part) => part !== "")
    .join(", ");
  const words = item.last_state === null ? told : `was ${[item.last_state, told].filter((part) => part !== "").join(", ")}`;
  return [...flagsOf(item), words].filter((part) => part !== "").join(" ");
}

function flagsOf(item: PsItem): string[] {
  const types = item.conditions
    .map((condition) => condition.type)
    .filter((type) => type !== "DRIFT" && type !== "ORPHAN" && type !== "BOOT_ENABLE");
  return [
    ...(item.boot_enable_warning ? ["BOOT-ENABLE"] : []),
    ...(item.drift === null ? [] : [`DRIFT(${item.drift})`]),
    ...(item.in_roster ? [] : ["ORPHAN"]),
    ...types,
  ];
}

function hasFlags(item: PsItem): boolean {
  return flagsOf(item).length > 0;
}

function systemdCell(unit: PsSystemd | null, hasSystemd: boolean): { text: string; tone?: Tone } {
  if (!unit) return hasSystemd ? { text: "-" } : { text: "none", tone: "faint" };
  const text = plainText(`${unit.active || "-"}/${unit.enabled || "-"}`);
  if (unit.active === "failed") return { text, tone: "bad" };
  return unit.active === "active" && unit.enabled === "enabled" ? { text } : { text, tone: "attention" };
}

function heartbeatCell(beat: PsHeartbeat | null): { text: string; tone?: Tone } {
  if (!beat) return { text: "none", tone: "faint" };
  const text = plainText([beat.evidence, ...(beat.age_ms === null ? [] : [ageText(beat.age_ms)])].join(" "));
  return beat.health === "healthy" ? { text } : { text: `${text} ${plainText(beat.health)}`, tone: "attention" };
}

function toneOf(state: string): { tone?: Tone } {
  const tone = TONES[state];
  return tone ? { tone } : {};
}

function orDash(text: string): string {
  return text === "" ? "-" : plainText(text);
}

const TONES: Readonly<Record<string, Tone>> = {
  working: "good",
  ready: "busy",
  waiting: "attention",
  failed: "bad",
  wedged: "bad",
  dead: "bad",
  unknown: "faint",
  STALE: "mesh",
};

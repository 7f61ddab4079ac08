import type { PsHeartbeat, PsItem, PsSystemd } from "../fleet/ps-item.ts";
import { ageText } from "./age-text.ts";
import { hasFlags, notesOf } from "./agent-notes.ts";
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
  // A count of held messages, or the name of a condition, fits.
  { title: "NOTES", dropRank: 1, canBeCut: true, leastWidth: 16 },
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

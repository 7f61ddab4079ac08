import { type LivenessFacts, type NotLive, whyNotLive } from "@mosaic/core/light";
import type { AgentHeartbeatJson, AgentJson, PaneJson } from "@mosaic/wire";
import { type NextStep, nextStep } from "./next-step.ts";
import type { HostReading } from "./ps-host.ts";
import { type PsHeartbeat, type PsItem, type PsPane, toPsItem } from "./ps-item.ts";

/** An agent in `fleet status --json`: as in `fleet ps`, with what else the planes say of it. */
export interface StatusItem extends PsItem {
  readonly pane: StatusPane | null;
  readonly heartbeat: StatusHeartbeat | null;
  /** As `fleet verify` judges it. */
  readonly live: boolean;
  /** Why it is not; empty when it is. */
  readonly why: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

export interface StatusPane extends PsPane {
  readonly session: string;
  readonly pane_id: string;
  /** Null: alive, or not known. */
  readonly exit_status: number | null;
  readonly columns: number;
  readonly rows: number;
}

export interface StatusHeartbeat extends PsHeartbeat {
  readonly interval_ms: number;
  /** Of the writer. Null: not said. */
  readonly pid: number | null;
  readonly turn_id: string;
}

/** A row with everything that is worked out from it. */
export interface JudgedItem {
  readonly item: StatusItem;
  readonly notLive: NotLive | undefined;
  readonly step: NextStep | undefined;
}

/** Puts a row into the form of the answer, and judges it.
 *  @param reading its host, as for `toPsItem` */
export function judgeItem(row: AgentJson, reading: HostReading | undefined): JudgedItem {
  const told = toPsItem(row, reading);
  const planes = {
    pane: row.pane && told.pane ? { ...told.pane, ...paneDetail(row.pane) } : null,
    heartbeat: row.heartbeat && told.heartbeat ? { ...told.heartbeat, ...heartbeatDetail(row.heartbeat) } : null,
  };
  const facts = { ...told, ...planes };
  const notLive = whyNotLive(livenessFacts(facts));
  const step = nextStep(facts, notLive);
  const item = { ...facts, live: notLive === undefined, why: notLive?.message ?? "", next: step?.command ?? "" };
  return { item, notLive, step };
}

function livenessFacts(item: Omit<StatusItem, "live" | "why" | "next">): LivenessFacts {
  const { pane, heartbeat, systemd } = item;
  return {
    inRoster: item.in_roster,
    state: item.state,
    lastState: item.last_state ?? "",
    stateDetail: item.state_detail,
    runtime: item.runtime,
    drift: item.drift ?? undefined,
    pane: pane ? { isAlive: pane.alive } : undefined,
    heartbeat: heartbeat ? { ...heartbeat, ageMs: heartbeat.age_ms ?? undefined } : undefined,
    unit: systemd ?? undefined,
  };
}

function paneDetail(pane: PaneJson): Omit<StatusPane, keyof PsPane> {
  return {
    session: pane.session ?? "",
    pane_id: pane.paneId ?? "",
    exit_status: pane.exitStatus ?? null,
    columns: pane.columns ?? 0,
    rows: pane.rows ?? 0,
  };
}

function heartbeatDetail(beat: AgentHeartbeatJson): Omit<StatusHeartbeat, keyof PsHeartbeat> {
  return { interval_ms: beat.intervalMs ?? 0, pid: beat.pid || null, turn_id: beat.turnId ?? "" };
}

import { HeartbeatStatus } from "@mosaic/wire";
import type { PaneFacts } from "../ports/terminal-server.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

/** What the heartbeats of one agent told of its work moving. Times are in ms of the host's wall clock. */
export interface Progress {
  readonly isBusy: boolean;
  /** The last turn that was named. */
  readonly turnId: string;
  /** When that was first seen: the turn began, or the agent became busy. */
  readonly movedAtUnixMs: number;
}

/** By agent name. Empty where nobody remembers: then no agent is called wedged. */
export type ProgressMemory = ReadonlyMap<string, Progress>;

/** How long a turn may show neither output nor a new turn before it counts as wedged: ten minutes is the longest that the
 *  runtimes let one tool run by default, and most tools print before that. */
export const WEDGED_AFTER_MS = 600_000;

/** Takes the heartbeats of now into the memory. A heartbeat that names no turn (a file, between two hooks) moves nothing.
 *  @returns the memory itself when nobody moved */
export function noteProgress(
  memory: ProgressMemory,
  heartbeats: ReadonlyMap<string, HeartbeatReading>,
  nowUnixMs: number,
): ProgressMemory {
  let changed: Map<string, Progress> | undefined;
  for (const [name, reading] of heartbeats) {
    const before = memory.get(name);
    const isBusy = reading.status === HeartbeatStatus.BUSY;
    const turnId = reading.turnId || (before?.turnId ?? "");
    if (before !== undefined && before.isBusy === isBusy && before.turnId === turnId) continue;
    changed ??= new Map(memory);
    changed.set(name, { isBusy, turnId, movedAtUnixMs: nowUnixMs });
  }
  const next = changed ?? memory;
  return next.size === heartbeats.size ? next : new Map([...next].filter(([name]) => heartbeats.has(name)));
}

/** True for an agent that says it works, while for {@link WEDGED_AFTER_MS} no turn began, its pane showed nothing new and its
 *  hooks told of no progress. A program that redraws a clock or a spinner is never found out this way.
 *  @param toldAtUnixMs when its hooks last told of progress; absent: never */
export function isWedged(
  progress: Progress | undefined,
  pane: PaneFacts | undefined,
  nowUnixMs: number,
  toldAtUnixMs = 0,
): boolean {
  if (!progress?.isBusy || !pane || pane.isDead) return false;
  return nowUnixMs - Math.max(progress.movedAtUnixMs, pane.lastActivityUnixMs, toldAtUnixMs) > WEDGED_AFTER_MS;
}

/** The interval that is assumed of a writer that promises none: often enough to see a death within a minute, rare enough
 *  that a thousand agents are 67 small writes a second. */
export const DEFAULT_HEARTBEAT_INTERVAL_MS = 15_000;

/** Two clocks of one host, a file system's and a process's, may differ by this much without one of them being wrong. */
const TOLERATED_FUTURE_MS = 2_000;

/** What a heartbeat's age says of it. */
export type HeartbeatHealthName = "healthy" | "stale" | "clock-skew";

export interface HeartbeatTiming {
  /** When the heartbeat was made, by its writer's clock. */
  readonly atUnixMs: number;
  /** The interval its writer promised. */
  readonly intervalMs: number;
  /** The clock to judge by: that of the same host. */
  readonly nowUnixMs: number;
}

/** Judges how fresh a heartbeat is.
 *  @returns `healthy` up to and including three intervals of age, `stale` beyond, and `clock-skew` for a time more than
 *  2 s in the future: the writer's clock is wrong, so the heartbeat proves nothing. A missing heartbeat is not judged
 *  here; it is unknown. */
export function heartbeatHealth(timing: HeartbeatTiming): HeartbeatHealthName {
  const ageMs = timing.nowUnixMs - timing.atUnixMs;
  if (ageMs < -TOLERATED_FUTURE_MS) return "clock-skew";
  return ageMs <= 3 * timing.intervalMs ? "healthy" : "stale";
}

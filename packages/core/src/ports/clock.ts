/** Time as the rules see it. Wall time is for people and for files; only monotonic time measures. */
export interface Clock {
  /** Wall time in ms since 1970. May jump. */
  nowUnixMs(): number;
  /** Time in ms since some fixed moment of this process. Never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects, so callers look at the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

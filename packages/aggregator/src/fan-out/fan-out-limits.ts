import { availableParallelism } from "node:os";
import type { SlotLimits } from "./fair-slots.ts";

export interface FanOutLimits {
  /** Time for the whole question where the caller gives none, in ms. Default 5000. */
  readonly deadlineMs: number;
  /** More is not waited for, whatever the caller gives, in ms. Default 30,000. */
  readonly maxDeadlineMs: number;
  /** Time for one member, from when its turn comes, in ms. Default 2000: waiting for a turn is not the member's fault. */
  readonly memberDeadlineMs: number;
  /** Calls at the same time; the groups are tenants, the keys members. Default 128, 32 and 2. */
  readonly calls: SlotLimits;
  /** Connections being made at the same time; at 256 all of 1,000 hosts timed out where 64 worked. Default 16 a core, at most 32.
   *  The groups are those that worked before and those that failed: who is dead holds no more than half. */
  readonly handshakes: SlotLimits;
  /** What one host may put into an answer. Default 10,000 rows, 2 MiB. */
  readonly rowsPerHost: number;
  readonly bytesPerHost: number;
  /** What all hosts together may. Default 64 MiB. */
  readonly bytesPerAnswer: number;
}

const handshakes = Math.min(32, 16 * availableParallelism());

export const FAN_OUT_LIMITS: FanOutLimits = {
  deadlineMs: 5000,
  maxDeadlineMs: 30_000,
  memberDeadlineMs: 2000,
  calls: { total: 128, perGroup: 32, perKey: 2 },
  handshakes: { total: handshakes, perGroup: handshakes / 2, perKey: 2 },
  rowsPerHost: 10_000,
  bytesPerHost: 2 * 1024 * 1024,
  bytesPerAnswer: 64 * 1024 * 1024,
};

/** Kept back from the deadline for putting the answer together, in ms. */
export const MERGE_RESERVE_MS = 150;
/** With less left, an answer could not be back in time, in ms: the work is not begun. */
export const LEAST_TIME_MS = 20;

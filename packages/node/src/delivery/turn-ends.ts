import type { TurnBroken } from "@mosaic/core";
import type { Evidence } from "@mosaic/wire";

/** How and when a turn ended. */
export interface TurnEnd {
  /** In ms of the host's wall clock. */
  readonly atUnixMs: number;
  readonly evidence: Evidence;
  /** Absent: with an answer. */
  readonly broken?: Omit<TurnBroken, "turnId">;
}

const MAX_ENDS = 1000;

/** The turns that ended last, for what is told of them afterwards. */
export class TurnEnds {
  readonly #ends = new Map<string, TurnEnd>();

  add(agentName: string, turnId: string, end: TurnEnd): void {
    this.#ends.set(keyOf(agentName, turnId), end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_ENDS && oldest !== undefined) this.#ends.delete(oldest);
  }

  of(agentName: string, turnId: string): TurnEnd | undefined {
    return turnId === "" ? undefined : this.#ends.get(keyOf(agentName, turnId));
  }
}

// Runtimes number their turns as they like; two agents may well have the same.
function keyOf(agentName: string, turnId: string): string {
  return JSON.stringify([agentName, turnId]);
}

/** Counts by name what a daemon went through since its start; `InfoResponse.counters` tells it. */
export class Counters {
  readonly #counts = new Map<string, bigint>();

  /** Adds to a count, which begins at 0. Names are in snake case; those of what only rises end in `_total`. */
  add(name: string, by = 1): void {
    this.#counts.set(name, this.of(name) + BigInt(by));
  }

  of(name: string): bigint {
    return this.#counts.get(name) ?? 0n;
  }

  /** Every count that was ever added to. */
  all(): Record<string, bigint> {
    return Object.fromEntries(this.#counts);
  }
}

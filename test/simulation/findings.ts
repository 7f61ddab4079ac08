/** The claims that are checked (section names follow docs/reliability.md). */
export type Checker = "C1" | "C2" | "C3" | "C5" | "C7";

/** Something that must not be. */
export interface Finding {
  readonly checker: Checker;
  readonly atMs: number;
  readonly what: string;
}

/** What the checkers of one run looked at and found. A checker that looked at nothing has shown nothing. */
export class Findings {
  readonly found: Finding[] = [];
  readonly looks: Record<Checker, number> = { C1: 0, C2: 0, C3: 0, C5: 0, C7: 0 };
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Counts a look, and keeps what it found wrong; undefined: nothing. */
  look(checker: Checker, wrong: string | undefined): void {
    this.looks[checker] += 1;
    // One fault shows in many places; the first few tell enough.
    if (wrong !== undefined && this.found.length < 5) this.found.push({ checker, atMs: Math.round(this.#nowMs()), what: wrong });
  }
}

import { createHash, type Hash } from "node:crypto";

/** What happened in a run, line by line, and one hash of it all: equal for runs that went the same way. */
export class History {
  #hash: Hash | undefined;
  readonly #lines: string[] = [];
  readonly #isKept: boolean;

  /** @param isKept false: lines are not even made, and there is no hash to compare */
  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  note(line: () => string): void {
    if (!this.#isKept) return;
    const text = line();
    this.#hash ??= createHash("sha256");
    this.#hash.update(`${text}\n`);
    this.#lines.push(text);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Ends it. @returns empty where nothing was kept */
  hash(): string {
    return this.#hash?.digest("hex") ?? "";
  }
}

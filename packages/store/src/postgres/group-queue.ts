/** Work that is done in groups, one group at a time: what comes in the same tick, or while a group is under way, goes into the next
 *  one. Nothing is held back for company. */
export class GroupQueue<T> {
  readonly #work: (group: readonly T[]) => Promise<void>;
  readonly #maxGroup: number;
  #waiting: T[] = [];
  #running: Promise<void> | undefined;

  /** @param work never rejects: it tells each of its group what became of it */
  constructor(work: (group: readonly T[]) => Promise<void>, maxGroup: number) {
    this.#work = work;
    this.#maxGroup = maxGroup;
  }

  push(item: T): void {
    this.#waiting.push(item);
    this.#running ??= this.#drain();
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#work(this.#waiting.splice(0, this.#maxGroup));
    this.#running = undefined;
  }
}

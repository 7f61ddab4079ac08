/** Lets one in at a time, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // The next one comes whatever became of this one; who waits for this one hears it.
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** Counts the streaming handlers that run now, by rpc. A count goes down only when the handler has really ended, so a
 *  number that stays up after its clients went away is a leak made visible. */
export class LiveStreams {
  readonly #counts = new Map<string, number>();

  /** Passes a handler's output through and counts it while it runs. */
  async *count<T>(method: string, output: AsyncIterable<T>): AsyncGenerator<T> {
    this.#add(method, 1);
    try {
      yield* output;
    } finally {
      this.#add(method, -1);
    }
  }

  /** Running handlers by rpc; rpcs without any are left out. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].filter(([, count]) => count > 0));
  }

  #add(method: string, by: number): void {
    this.#counts.set(method, (this.#counts.get(method) ?? 0) + by);
  }
}

/** How long a handler may go on after its call is over, in ms: what it waits for is released by then. */
const LEAK_AFTER_MS = 10_000;

interface Running {
  readonly method: string;
  /** When its call ended while it went on. */
  overSinceMs?: number;
}

/** Counts the streaming handlers that run now, by rpc. A count goes down only when the handler has really ended, so a
 *  number that stays up after its clients went away is a leak made visible; `leaked` sets handlers against their calls. */
export class LiveStreams {
  readonly #running = new Set<Running>();
  readonly #monotonicMs: () => number;

  /** @param monotonicMs time since some moment, in ms. Default: the process's own */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** Passes a handler's output through and counts it while it runs.
   *  @param call aborts when its call is over, whoever ended it */
  async *count<T>(method: string, output: AsyncIterable<T>, call?: AbortSignal): AsyncGenerator<T> {
    const running: Running = { method };
    const onOver = () => {
      running.overSinceMs = this.#monotonicMs();
    };
    if (call?.aborted) onOver();
    call?.addEventListener("abort", onOver, { once: true });
    this.#running.add(running);
    try {
      yield* output;
    } finally {
      call?.removeEventListener("abort", onOver);
      this.#running.delete(running);
    }
  }

  /** Running handlers by rpc; rpcs without any are left out. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method } of this.#running) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  }

  /** Handlers that run though their calls have been over for 10 s. More than 0 is a fault of ours. */
  get leaked(): number {
    const nowMs = this.#monotonicMs();
    return [...this.#running].filter(({ overSinceMs }) => overSinceMs !== undefined && nowMs - overSinceMs > LEAK_AFTER_MS)
      .length;
  }
}

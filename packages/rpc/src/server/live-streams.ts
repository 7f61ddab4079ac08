import { type MappedMessages, mapMessages } from "../map-messages.ts";
import { CallerRoll } from "../presence/caller-roll.ts";

/** How long a handler may go on after its call is over, in ms: what it waits for is released by then. */
const LEAK_AFTER_MS = 10_000;
/** How long readers of Watch have to take the last word of a daemon that stops, in ms: a message to another continent. */
const GOODBYE_MS = 250;
const LOOK_AGAIN_MS = 5;

interface Running {
  readonly method: string;
  /** When its call ended while it went on. */
  overSinceMs?: number;
}

/** Counts the streaming handlers that run now, by rpc. A count goes down only when the handler has really ended, so a
 *  number that stays up after its clients went away is a leak made visible; `leaked` sets handlers against their calls. */
export class LiveStreams {
  /** Who calls. */
  readonly callers: CallerRoll;
  readonly #running = new Set<Running>();
  readonly #stopping = new AbortController();
  readonly #monotonicMs: () => number;

  /** @param monotonicMs time since some moment, in ms. Default: the process's own */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
    this.callers = new CallerRoll(monotonicMs);
  }

  /** Passes a handler's output through and counts it while it runs.
   *  @param call aborts when its call is over, whoever ended it
   *  @param onDone may throw when the handler ended by itself, which makes that a failure
   *  @param enter called when it begins; what it returns is disposed when it ends */
  count<T>(
    method: string,
    output: AsyncIterable<T>,
    call?: AbortSignal,
    onDone?: () => void,
    enter?: () => Disposable,
  ): MappedMessages<T> {
    const running: Running = { method };
    let entered: Disposable | undefined;
    const onOver = () => {
      running.overSinceMs = this.#monotonicMs();
    };
    const start = () => {
      if (call?.aborted) onOver();
      call?.addEventListener("abort", onOver, { once: true });
      this.#running.add(running);
      entered = enter?.();
      return output[Symbol.asyncIterator]();
    };
    const onEnd = () => {
      call?.removeEventListener("abort", onOver);
      this.#running.delete(running);
      entered?.[Symbol.dispose]();
    };
    // A handler runs from the first question on.
    return mapMessages({ [Symbol.asyncIterator]: start }, { onEnd, ...(onDone && { onDone }) });
  }

  /** Aborts when the daemon is about to stop: a handler of Watch says so to its reader, and ends. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Tells the handlers of Watch that the daemon stops, and waits until they have told their readers; not for readers that are stuck. */
  async sayGoodbye(): Promise<void> {
    this.#stopping.abort();
    const endsAtMs = performance.now() + GOODBYE_MS;
    while (this.counts()["Watch"] !== undefined && performance.now() < endsAtMs)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
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

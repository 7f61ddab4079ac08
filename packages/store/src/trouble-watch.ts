import type { Clock, Log } from "@mosaic/core";
import type { Trouble } from "./journal.ts";

export interface TroubleWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Tries whether writing works again, and says what it found by {@link TroubleWatch.note}. Never rejects. */
  readonly retry: () => Promise<void>;
}

/** Knows whether there is trouble with writing, tells the log when it begins and ends, and looks again until it is over:
 *  so that it ends also when nobody writes, because they were told not to. */
export class TroubleWatch {
  readonly #deps: TroubleWatchDeps;
  readonly #retryMs: number;
  readonly #closing = new AbortController();
  #trouble: Trouble | undefined;
  #retrying: Promise<void> | undefined;

  constructor(deps: TroubleWatchDeps, retryMs: number) {
    this.#deps = deps;
    this.#retryMs = retryMs;
  }

  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Notes how the last attempt to write went. Lasting trouble stays, whatever comes after it. */
  note(trouble: Trouble | undefined): void {
    if (this.#trouble?.isLasting) return;
    if (trouble?.reason !== this.#trouble?.reason) this.#tell(trouble);
    this.#trouble = trouble;
    if (trouble !== undefined && !trouble.isLasting) this.#retrying ??= this.#retryUntilOver();
  }

  /** Ends the looking. Trouble that is noted later is still known, and no more looked after. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#retrying;
  }

  #tell(trouble: Trouble | undefined): void {
    const { log } = this.#deps;
    if (trouble === undefined) log.info({}, "messages can be stored again");
    else log.error({ reason: trouble.reason, hint: trouble.hint }, "messages can't be stored");
  }

  async #retryUntilOver(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#trouble !== undefined && !this.#trouble.isLasting && !signal.aborted) {
      await this.#deps.clock.sleep(this.#retryMs, signal);
      if (!signal.aborted && this.#trouble !== undefined) await this.#deps.retry();
    }
    this.#retrying = undefined;
  }
}

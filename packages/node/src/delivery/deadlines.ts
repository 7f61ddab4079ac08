import { type Clock, hasReached, type Log, MosaicError, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";
import type { Confirmation } from "./confirmation.ts";
import type { Inbox } from "./inbox.ts";
import { lastStep } from "./message-steps.ts";
import type { SecondEnter } from "./second-enter.ts";

export interface DeadlinesDeps {
  readonly inbox: Inbox;
  readonly confirmation: Confirmation;
  readonly secondEnter: SecondEnter;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after a message expired. */
  readonly onExpired: (message: StoredMessage) => void;
}

/** How long evidence of an entered message is waited for, in ms: longer than any of the real agents takes when it is idle. */
export const CONFIRM_MS = 10_000;
/** Deadlines are met to this, in ms. */
const GRAIN_MS = 1000;
/** A wall clock that was set is noticed after this long, in ms. */
const LONGEST_SLEEP_MS = 60_000;

/** Ends what waited too long: a message that nobody took before it expires is EXPIRED, one that was entered and not reported in
 *  time UNCONFIRMED, of which some get a second Enter before. Also of messages from before a restart. */
export class Deadlines implements AsyncDisposable {
  readonly #deps: DeadlinesDeps;
  readonly #stop = new AbortController();
  readonly #following: Disposable;
  readonly #loop: Promise<void>;
  #nextMs = 0;
  #isPoked = false;
  #wake = () => {};

  constructor(deps: DeadlinesDeps) {
    this.#deps = deps;
    this.#following = deps.inbox.store.onChange(({ receipt }) => {
      if (!hasReached(receipt.state, DeliveryState.ACCEPTED)) this.#soon();
    });
    this.#loop = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following[Symbol.dispose]();
    this.#stop.abort();
    this.#wake();
    await this.#loop;
  }

  // A look goes through all that is open: many messages a second are one look a second.
  #soon(): void {
    this.#isPoked = true;
    const soonMs = this.#deps.clock.monotonicMs() + GRAIN_MS;
    if (this.#nextMs <= soonMs) return;
    this.#nextMs = soonMs;
    this.#wake();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    while (!this.#stop.signal.aborted) {
      this.#isPoked = false;
      try {
        const inMs = Math.max(GRAIN_MS, await this.#look());
        // What came during the look may not have been seen.
        this.#nextMs = clock.monotonicMs() + (this.#isPoked ? GRAIN_MS : Math.min(LONGEST_SLEEP_MS, inMs));
      } catch (thrown) {
        log.error({ error: MosaicError.from(thrown).message }, "messages can't be ended in time");
        this.#nextMs = clock.monotonicMs() + GRAIN_MS;
      }
      while (clock.monotonicMs() < this.#nextMs && !this.#stop.signal.aborted) await this.#sleep();
    }
  }

  async #sleep(): Promise<void> {
    const timer = new AbortController();
    this.#wake = () => timer.abort();
    await this.#deps.clock.sleep(this.#nextMs - this.#deps.clock.monotonicMs(), timer.signal);
  }

  /** @returns in how many ms the next deadline is */
  async #look(): Promise<number> {
    const { inbox, clock, confirmation, secondEnter } = this.#deps;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const message of [...inbox.open.all()]) {
      const { state, steps, expiresAtUnixMs } = message.receipt;
      if (hasReached(state, DeliveryState.ACCEPTED)) continue;
      const expiresInMs = Number(expiresAtUnixMs) - clock.nowUnixMs();
      // What is being typed this moment is not stopped half-way.
      if (expiresInMs <= 0 && !message.injecting) await this.#expire(message);
      else nextMs = Math.min(nextMs, Math.max(0, expiresInMs));
      if (state !== DeliveryState.ENTERED) continue;
      const lookInMs = secondEnter.dueInMs(message) ?? Number.POSITIVE_INFINITY;
      if (lookInMs <= 0) await secondEnter.lookAfter(message, this.#stop.signal);
      else nextMs = Math.min(nextMs, lookInMs);
      const confirmInMs = Number(steps.at(-1)?.atUnixMs ?? 0n) + CONFIRM_MS - clock.nowUnixMs();
      if (confirmInMs <= 0) await confirmation.giveUp(message.messageId, this.#stop.signal);
      else nextMs = Math.min(nextMs, confirmInMs);
    }
    return nextMs;
  }

  async #expire(message: StoredMessage): Promise<void> {
    const { inbox, clock, onExpired } = this.#deps;
    const { messageId } = message;
    await inbox.change(messageId, (now) => {
      if (now.injecting) return undefined;
      const { state, held } = now.receipt;
      const why = hasReached(state, DeliveryState.ENTERED)
        ? "it was entered, and the agent never reported it"
        : `not typed: ${held}`;
      const detail = state === DeliveryState.DELIVERED && held === "" ? "its turn did not come in time" : why;
      return lastStep(DeliveryState.EXPIRED, { atUnixMs: clock.nowUnixMs(), detail })(now);
    });
    onExpired(message);
  }
}

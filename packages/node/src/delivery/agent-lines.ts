import { type Clock, type Log, MosaicError, type StoredMessage } from "@mosaic/core";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import type { ComposerLease, Draft } from "./composer-lease.ts";
import type { Inbox } from "./inbox.ts";
import type { Injector } from "./injector.ts";
import type { LeftoverText } from "./leftover-text.ts";
import { hold, lastStep } from "./message-steps.ts";
import type { Recovery } from "./recovery.ts";
import { isTextOf } from "./standing-text.ts";
import { surely } from "./surely.ts";
import { untilReached } from "./until-reached.ts";

export interface AgentLinesDeps {
  readonly inbox: Inbox;
  readonly lease: ComposerLease;
  readonly injector: Injector;
  readonly recovery: Recovery;
  readonly leftover: LeftoverText;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the next message waits for one that was entered to be taken, in ms. */
  readonly nextAfterMs: (agentName: string) => number;
  /** False: the agent's process is known to have ended, so that it takes nothing more. */
  readonly isRunning: (agentName: string) => boolean;
}

/** How often a held message is tried again when nothing happens, in ms: what a screen shows tells nobody that it changed. */
export const HELD_POLL_MS = 2000;

interface Line {
  readonly ended: Promise<void>;
  isPoked: boolean;
  wake: () => void;
}

/** A line of messages for each agent: the oldest goes first, one at a time is on its way into the composer, and one that is held
 *  holds those behind it. A line lives for as long as it has messages. */
export class AgentLines implements AsyncDisposable {
  readonly #deps: AgentLinesDeps;
  readonly #lines = new Map<string, Line>();
  readonly #stop = new AbortController();

  constructor(deps: AgentLinesDeps) {
    this.#deps = deps;
  }

  /** Says that something may go on for an agent: a message came, its row changed, it said something. Cheap. */
  wake(agentName: string): void {
    const line = this.#lines.get(agentName);
    if (line) {
      line.isPoked = true;
      line.wake();
    } else if (!this.#stop.signal.aborted && this.#deps.inbox.open.pendingCount(agentName) > 0) this.#start(agentName);
  }

  /** Begins where nobody is at work; a line that is there goes on as it does. */
  wakeIdle(agentName: string): void {
    if (!this.#lines.has(agentName)) this.wake(agentName);
  }

  /** Wakes the lines that are there. */
  wakeAll(): void {
    for (const agentName of this.#lines.keys()) this.wake(agentName);
  }

  /** What is being typed is finished first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.wakeAll();
    await Promise.all([...this.#lines.values()].map(({ ended }) => ended));
  }

  #start(agentName: string): void {
    // Begins in a later turn, so that it is in the map before it can end.
    const ended = Promise.resolve().then(() => this.#run(agentName));
    this.#lines.set(agentName, { ended, isPoked: false, wake: () => {} });
    void ended.finally(() => {
      this.#lines.delete(agentName);
      this.wake(agentName);
    });
  }

  async #run(agentName: string): Promise<void> {
    const { inbox, log } = this.#deps;
    for (;;) {
      const [head] = inbox.open.pending(agentName);
      if (head === undefined || this.#stop.signal.aborted) return;
      try {
        const hasMoved = await this.#tryHead(agentName, head);
        if (hasMoved && inbox.open.pending(agentName)[0] !== head) continue;
      } catch (thrown) {
        const { message } = MosaicError.from(thrown);
        log.error({ agent: agentName, error: message }, "a message can't be delivered now");
        // Where nothing can be written down the log has to do.
        await inbox.change(head.messageId, hold(message)).catch(() => {});
      }
      await this.#pause(agentName);
    }
  }

  /** @returns false: it is not to be tried again at once */
  async #tryHead(agentName: string, head: StoredMessage): Promise<boolean> {
    const { inbox, lease, injector, recovery, leftover } = this.#deps;
    const { signal } = this.#stop;
    if (head.injecting) {
      await recovery.resolve(head, signal);
      return !signal.aborted;
    }
    const composer = await lease.look(agentName, head.receipt.held === "", signal);
    if (signal.aborted) return false;
    switch (composer.kind) {
      case "gone":
        await this.#fail(head, composer.why);
        return true;
      case "held":
        if (composer.draft && this.#isOwn(head, composer.draft)) {
          await injector.submitStanding(head, composer.draft, signal);
          await this.#untilTaken(head.messageId, agentName);
          return true;
        }
        await inbox.change(head.messageId, hold(composer.why));
        return composer.draft !== undefined && (await leftover.clear(composer.draft, injector.lastTo(agentName), signal));
      case "free":
        await injector.inject(head, composer, signal);
        await this.#untilTaken(head.messageId, agentName);
        return true;
      default:
        return composer satisfies never;
    }
  }

  async #fail({ messageId }: StoredMessage, detail: string): Promise<void> {
    const { inbox, clock } = this.#deps;
    const fail = lastStep(DeliveryState.FAILED, { atUnixMs: clock.nowUnixMs(), reason: FailureReason.AGENT_EXITED, detail });
    await surely(this.#deps, () => inbox.change(messageId, (now) => (now.injecting ? undefined : fail(now))), this.#stop.signal);
  }

  // Two in one composer are lost, joined or doubled (measured with the real agents). An agent that does not report makes the
  // next one wait for the whole time, once per message.
  async #untilTaken(messageId: string, agentName: string): Promise<void> {
    const { inbox, nextAfterMs, isRunning } = this.#deps;
    const line = this.#lines.get(agentName);
    if (line === undefined || inbox.get(messageId)?.receipt.state !== DeliveryState.ENTERED) return;
    const over = new AbortController();
    line.wake = () => {
      if (this.#stop.signal.aborted || !isRunning(agentName)) over.abort();
    };
    line.wake();
    const wanted = { state: DeliveryState.ACCEPTED, withinMs: nextAfterMs(agentName) };
    await untilReached(this.#deps, messageId, wanted, over.signal);
    line.wake = () => {};
  }

  async #pause(agentName: string): Promise<void> {
    const line = this.#lines.get(agentName);
    if (line === undefined || this.#stop.signal.aborted) return;
    const timer = new AbortController();
    line.wake = () => timer.abort();
    if (!line.isPoked) await this.#deps.clock.sleep(HELD_POLL_MS, timer.signal);
    line.isPoked = false;
    line.wake = () => {};
  }

  // Its text stands there from an attempt before, and it is to be put before the agent again: then it is submitted, and not typed
  // once more behind itself.
  #isOwn(message: StoredMessage, { text }: Draft): boolean {
    if (message.receipt.attempt === 1) return false;
    return isTextOf(message, text) || this.#deps.injector.stoodAs(message.messageId) === text;
  }
}

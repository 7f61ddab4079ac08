import { type Clock, isFinal, type Log, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";
import { type Routes, wayTo } from "./message-route.ts";
import { hostOf } from "./open-messages.ts";
import type { Outbox } from "./outbox.ts";

export interface FollowerDeps extends Routes {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
}

/** Learns what becomes of messages after their hosts have them: one stream per host that has one on its way, and a look at all of
 *  them when it opens and every half minute, because a stream tells only of what happens while it is there. */
export interface Follower extends AsyncDisposable {
  /** Looks whether there is somebody else to follow now, for all messages or for one. */
  wake(message?: StoredMessage): void;
}

const LOOK_AGAIN_MS = 30_000;
const CALL_MS = 5000;
const PAUSE_MS = 1000;
/** Ids in one question. */
const AT_ONCE = 500;

export function startFollower(deps: FollowerDeps): Follower {
  const follower = new Streams(deps);
  follower.wake();
  return follower;
}

class Streams implements Follower {
  readonly #deps: FollowerDeps;
  readonly #followed = new Map<Upstream, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  wake(message?: StoredMessage): void {
    if (this.#stop.signal.aborted) return;
    for (const one of message ? [message] : this.#deps.outbox.open.all()) {
      const upstream = this.#holderOf(one);
      if (upstream && !this.#followed.has(upstream)) this.#follow(upstream);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#followed.values());
  }

  #follow(upstream: Upstream): void {
    const run = this.#run(upstream)
      .catch((thrown: unknown) =>
        this.#deps.log.info({ member: upstream.member.name, error: String(thrown) }, "receipts stopped"),
      )
      .finally(() => {
        this.#followed.delete(upstream);
        // One that came while this ended.
        this.wake();
      });
    this.#followed.set(upstream, run);
  }

  // The pause comes last, so that one that fails at once is not tried without a break.
  async #run(upstream: Upstream): Promise<void> {
    const { clock } = this.#deps;
    const call = new AbortController();
    const onStop = () => call.abort();
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    const looks = this.#lookAgain(upstream, call);
    try {
      for await (const { receipt } of upstream.client.watchReceipts({}, { signal: call.signal })) {
        if (receipt && this.#deps.outbox.get(receipt.messageId)) await this.#deps.outbox.learn(receipt);
      }
    } finally {
      call.abort();
      await looks;
      this.#stop.signal.removeEventListener("abort", onStop);
      if (!this.#stop.signal.aborted && this.#idsAt(upstream).length > 0) await clock.sleep(PAUSE_MS, this.#stop.signal);
    }
  }

  async #lookAgain(upstream: Upstream, call: AbortController): Promise<void> {
    const { clock, log } = this.#deps;
    while (!call.signal.aborted) {
      await this.#look(upstream, call.signal).catch((thrown: unknown) =>
        log.debug({ member: upstream.member.name, error: String(thrown) }, "receipts could not be looked up"),
      );
      if (this.#idsAt(upstream).length === 0) call.abort();
      await clock.sleep(LOOK_AGAIN_MS, call.signal);
    }
  }

  async #look(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const messageIds = this.#idsAt(upstream).slice(0, AT_ONCE);
    if (messageIds.length === 0) return;
    const { messages } = await upstream.client.listMessages({ messageIds, limit: AT_ONCE }, { signal, timeoutMs: CALL_MS });
    for (const { receipt } of messages) if (receipt) await this.#deps.outbox.learn(receipt);
  }

  #idsAt(upstream: Upstream): string[] {
    const here = [...this.#deps.outbox.open.all()].filter((message) => this.#holderOf(message) === upstream);
    return here.map(({ messageId }) => messageId);
  }

  // The member whose host has the message, when it can be asked now.
  #holderOf({ receipt }: StoredMessage): Upstream | undefined {
    if (receipt.state === DeliveryState.QUEUED || isFinal(receipt.state)) return undefined;
    const way = wayTo(this.#deps, hostOf(receipt));
    return way.kind === "open" ? way.upstream : undefined;
  }
}

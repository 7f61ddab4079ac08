import { type Clock, hostKeyOf, isFinal, type Log, type StoredMessage } from "@mosaic/core";
import { statusNameOf } from "@mosaic/rpc";
import { DeliveryState } from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";
import { type Routes, wayTo } from "./message-route.ts";
import { hostOf } from "./open-messages.ts";
import type { Outbox } from "./outbox.ts";
import { Slots } from "./slots.ts";

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
/** Receipts of one stream that are being written at the same time, and so with one fsync. */
const WRITTEN_AT_ONCE = 64;

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
      const upstream = hasLeft(one) ? this.#deps.table.ownerOf(hostOf(one.receipt)) : undefined;
      // Asked last: it is the dear part, and of most messages the member is followed already.
      if (upstream && !this.#followed.has(upstream) && this.#isOpen(one)) this.#follow(upstream);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#followed.values());
  }

  #follow(upstream: Upstream): void {
    const run = this.#run(upstream)
      .catch((thrown: unknown) => this.#sayWhy(upstream, thrown))
      .finally(() => {
        this.#followed.delete(upstream);
        // One that came while this ended.
        this.wake();
      });
    this.#followed.set(upstream, run);
  }

  // Only we cancel, when nothing is left to follow or this stops: a connection that broke is UNAVAILABLE.
  #sayWhy(upstream: Upstream, thrown: unknown): void {
    const level = statusNameOf(thrown) === "CANCELLED" ? "debug" : "info";
    this.#deps.log[level]({ member: upstream.member.name, error: String(thrown) }, "receipts stopped");
  }

  // The pause comes last, so that one that fails at once is not tried without a break.
  async #run(upstream: Upstream): Promise<void> {
    const { clock } = this.#deps;
    const call = new AbortController();
    const onStop = () => call.abort();
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    const looks = this.#lookAgain(upstream, call);
    try {
      await this.#readAll(upstream, call);
    } finally {
      call.abort();
      await looks;
      this.#stop.signal.removeEventListener("abort", onStop);
      if (!this.#stop.signal.aborted && this.#idsAt(upstream).length > 0) await clock.sleep(PAUSE_MS, this.#stop.signal);
    }
  }

  // Not one after the other: each would wait for a disk, and the stream would fall behind what it tells of.
  async #readAll(upstream: Upstream, call: AbortController): Promise<void> {
    const { outbox } = this.#deps;
    const slots = new Slots(WRITTEN_AT_ONCE);
    let failure: unknown;
    try {
      for await (const { receipt } of upstream.client.watchReceipts({}, { signal: call.signal })) {
        // The stream stands: what came about between our look and that no stream tells (docs/adr/0028).
        if (!receipt) void this.#lookOrSay(upstream, call.signal);
        if (!receipt || !outbox.get(receipt.messageId)) continue;
        await slots.enter();
        void outbox
          .learn(receipt)
          .catch((thrown: unknown) => {
            // What could not be written is told again by the next stream.
            failure ??= thrown;
            call.abort();
          })
          .finally(() => slots.leave());
      }
    } catch (thrown) {
      // What made us cancel the call says more than that it was cancelled.
      throw failure ?? thrown;
    }
    if (failure !== undefined) throw failure;
  }

  async #lookAgain(upstream: Upstream, call: AbortController): Promise<void> {
    const { clock } = this.#deps;
    while (!call.signal.aborted) {
      await this.#lookOrSay(upstream, call.signal);
      if (this.#idsAt(upstream).length === 0) call.abort();
      await clock.sleep(LOOK_AGAIN_MS, call.signal);
    }
  }

  async #lookOrSay(upstream: Upstream, signal: AbortSignal): Promise<void> {
    await this.#look(upstream, signal).catch((thrown: unknown) =>
      this.#deps.log.debug({ member: upstream.member.name, error: String(thrown) }, "receipts could not be looked up"),
    );
  }

  async #look(upstream: Upstream, signal: AbortSignal): Promise<void> {
    const messageIds = this.#idsAt(upstream).slice(0, AT_ONCE);
    if (messageIds.length === 0) return;
    const { messages } = await upstream.client.listMessages({ messageIds, limit: AT_ONCE }, { signal, timeoutMs: CALL_MS });
    for (const { receipt } of messages) if (receipt) await this.#deps.outbox.learn(receipt);
  }

  #idsAt(upstream: Upstream): string[] {
    const { outbox, table } = this.#deps;
    const ids: string[] = [];
    const open = new Map<string, boolean>();
    for (const message of outbox.open.all()) {
      const host = hostOf(message.receipt);
      if (!hasLeft(message) || table.ownerOf(host) !== upstream) continue;
      const key = hostKeyOf(host);
      const isOpen = open.get(key) ?? this.#isOpen(message);
      open.set(key, isOpen);
      if (isOpen) ids.push(message.messageId);
    }
    return ids;
  }

  // Whether the host that has the message can be asked now.
  #isOpen({ receipt }: StoredMessage): boolean {
    return wayTo(this.#deps, hostOf(receipt)).kind === "open";
  }
}

function hasLeft({ receipt }: StoredMessage): boolean {
  return receipt.state !== DeliveryState.QUEUED && !isFinal(receipt.state);
}

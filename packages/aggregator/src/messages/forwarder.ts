import { type Clock, type Log, MosaicError, type StoredMessage, type Tracer } from "@mosaic/core";
import { CAPABILITY_HEADER, fromConnectError } from "@mosaic/rpc";
import { DeliveryState, FailureReason, InjectionPolicy, type Receipt } from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";
import { type Routes, wayTo } from "./message-route.ts";
import { hostOf } from "./open-messages.ts";
import type { Outbox } from "./outbox.ts";
import { Slots } from "./slots.ts";

export interface ForwarderDeps extends Routes {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly random: () => number;
}

/** Carries what is QUEUED here to its hosts: in order for each agent, again and again until the host has it or it expires. */
export interface Forwarder extends AsyncDisposable {
  /** Looks at what there is to do now, also at what waits for its next attempt: for every agent, or for that of one message. */
  wake(messageId?: string): void;
  /** Hears that a message changed: one that is to be carried, and is not yet, came to be ours. No pause ends for it. */
  notice(message: StoredMessage): void;
}

/** Time for one attempt, in ms: the host only has to write it down. */
const ATTEMPT_MS = 5000;
/** Attempts at one member at the same time. */
const AT_ONCE_PER_MEMBER = 32;
const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 30_000;

/** Starts to carry; what was left over from before is carried first. */
export function startForwarder(deps: ForwarderDeps): Forwarder {
  const forwarder = new Lanes(deps);
  forwarder.wake();
  return forwarder;
}

/** One lane per agent that something is queued for. A lane ends when it is empty. */
class Lanes implements Forwarder {
  readonly #deps: ForwarderDeps;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #slots = new WeakMap<Upstream, Slots>();
  /** Ends the pause of a lane that makes one. */
  readonly #alarms = new Map<string, AbortController>();
  readonly #stop = new AbortController();

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  wake(messageId?: string): void {
    if (this.#stop.signal.aborted) return;
    const { open } = this.#deps.outbox;
    // A message that is not queued any more has no lane.
    const lanes = messageId === undefined ? open.lanes() : [open.laneOf(messageId)];
    for (const lane of lanes) if (lane !== undefined) this.#openLane(lane);
  }

  notice({ messageId }: StoredMessage): void {
    const lane = this.#deps.outbox.open.laneOf(messageId);
    if (lane !== undefined && !this.#lanes.has(lane) && !this.#stop.signal.aborted) this.#openLane(lane);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    for (const alarm of this.#alarms.values()) alarm.abort();
    await Promise.all(this.#lanes.values());
  }

  #openLane(lane: string): void {
    this.#alarms.get(lane)?.abort();
    if (this.#lanes.has(lane)) return;
    const run = this.#run(lane)
      .catch((thrown: unknown) => this.#deps.log.error({ lane, error: String(thrown) }, "carrying messages stopped"))
      .finally(() => this.#lanes.delete(lane));
    this.#lanes.set(lane, run);
  }

  async #run(lane: string): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      const message = this.#deps.outbox.open.nextIn(lane);
      if (!message) return;
      const isDone = await this.#carry(message).catch((thrown: unknown) => this.#troubled(message, thrown));
      failures = isDone ? 0 : failures + 1;
      if (!isDone) await this.#pause(lane, failures);
    }
  }

  /** One attempt. @returns false when there has to be another */
  async #carry(message: StoredMessage): Promise<boolean> {
    const { outbox, clock } = this.#deps;
    const leftMs = Number(message.receipt.expiresAtUnixMs) - clock.nowUnixMs();
    if (leftMs <= 0) {
      await outbox.end(message.messageId, DeliveryState.EXPIRED, {
        detail: "its time was over before its host could be reached",
      });
      return true;
    }
    const way = wayTo(this.#deps, hostOf(message.receipt));
    if (way.kind === "closed") return this.#hold(message, way.why);
    return await this.#hand(message, way.upstream, leftMs);
  }

  async #hand(message: StoredMessage, upstream: Upstream, leftMs: number): Promise<boolean> {
    const { outbox } = this.#deps;
    // The place is given back before the answer is written down: the next message needs the member, and not our disk.
    const answer = await this.#slotsOf(upstream).run(() => this.#ask(message, upstream, leftMs));
    if (answer instanceof MosaicError) return await this.#failed(message, answer);
    if (answer) await outbox.learn(answer);
    // An answer that moves nothing is no reason to ask again at once.
    return outbox.get(message.messageId)?.receipt.state !== DeliveryState.QUEUED;
  }

  async #ask(message: StoredMessage, upstream: Upstream, leftMs: number): Promise<Receipt | MosaicError | undefined> {
    const host = upstream.member.name;
    const span = this.#deps.tracer.startSpan("message.forward", {
      kind: "client",
      parent: message.traceparent || undefined,
      attributes: { "mosaic.message": message.messageId, "mosaic.host": host },
    });
    try {
      const options = { timeoutMs: ATTEMPT_MS, signal: this.#stop.signal, headers: headersOf(span.traceparent, message) };
      const { receipt } = await upstream.client.send(sendOf(message, leftMs), options);
      span.end();
      return receipt;
    } catch (thrown) {
      span.end(thrown);
      return fromConnectError(thrown, `send to ${host}`);
    }
  }

  #slotsOf(upstream: Upstream): Slots {
    const slots = this.#slots.get(upstream) ?? new Slots(AT_ONCE_PER_MEMBER);
    this.#slots.set(upstream, slots);
    return slots;
  }

  async #failed(message: StoredMessage, error: MosaicError): Promise<boolean> {
    const reason = REFUSALS[error.code];
    if (reason === undefined) return await this.#hold(message, error.message);
    await this.#deps.outbox.end(message.messageId, DeliveryState.FAILED, { reason, detail: error.message });
    return true;
  }

  // What can't be written down now is tried again; what another aggregator has taken over is not here any more.
  #troubled({ messageId }: StoredMessage, thrown: unknown): false {
    this.#deps.log.info({ message: messageId, error: String(thrown) }, "a message could not be carried; again in a while");
    return false;
  }

  async #hold(message: StoredMessage, why: string): Promise<false> {
    await this.#deps.outbox.hold(message.messageId, why);
    return false;
  }

  async #pause(lane: string, failures: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const boundMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
    const alarm = new AbortController();
    this.#alarms.set(lane, alarm);
    await this.#deps.clock.sleep(Math.round(boundMs * this.#deps.random()), alarm.signal);
    this.#alarms.delete(lane);
  }
}

/** Answers of a host after which there is nothing to try again. */
const REFUSALS: Partial<Record<MosaicError["code"], FailureReason>> = {
  AGENT_NOT_FOUND: FailureReason.NO_SUCH_AGENT,
  AGENT_AMBIGUOUS: FailureReason.NO_SUCH_AGENT,
  NOT_ALLOWED: FailureReason.DENIED,
  MESSAGE_TOO_LARGE: FailureReason.TOO_LARGE,
  MESSAGE_ID_REUSED: FailureReason.REJECTED,
  USAGE: FailureReason.REJECTED,
};

function sendOf(message: StoredMessage, leftMs: number) {
  const { receipt, messageId, text } = message;
  return {
    ...{ messageId, text },
    ...(receipt.agent ? { agent: receipt.agent } : {}),
    sourceLabel: receipt.sourceLabel,
    waitFor: DeliveryState.DELIVERED,
    waitMs: ATTEMPT_MS,
    expiresInMs: leftMs,
    policy: message.policy === "at-least-once" ? InjectionPolicy.AT_LEAST_ONCE : InjectionPolicy.AT_MOST_ONCE,
  };
}

function headersOf(traceparent: string | undefined, { capability }: StoredMessage): Record<string, string> {
  return { ...(traceparent ? { traceparent } : {}), ...(capability === undefined ? {} : { [CAPABILITY_HEADER]: capability }) };
}

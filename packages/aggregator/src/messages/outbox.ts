import { createHash } from "node:crypto";
import { create, equals } from "@bufbuild/protobuf";
import {
  type Clock,
  hasReached,
  isFinal,
  type MessageStore,
  MosaicError,
  mergeReceipts,
  newReceipt,
  type StoredMessage,
  textToType,
  withStep,
} from "@mosaic/core";
import type { CallContext } from "@mosaic/rpc";
import {
  type Agent,
  DeliveryState,
  type FailureReason,
  InjectionPolicy,
  type Receipt,
  ReceiptSchema,
  type SendRequest,
} from "@mosaic/wire";

import { OpenMessages } from "./open-messages.ts";

export interface OutboxDeps {
  readonly store: MessageStore;
  readonly clock: Clock;
}

const DEFAULT_WAIT_MS = 10_000;
const DEFAULT_LIFE_MS = 24 * 3_600_000;

/** The messages that were sent through this aggregator, from when they are durable here until they are forgotten. Who carries
 *  them to their hosts works on what it holds; see {@link startForwarder}. */
export class Outbox implements Disposable {
  readonly #store: MessageStore;
  readonly #clock: Clock;
  /** What something may still happen to. */
  readonly open: OpenMessages;
  /** Receipts that are being written, by message: what is told meanwhile is laid over them, and not over what they replace. */
  readonly #ahead = new Map<string, { readonly receipt: Receipt; readonly written: Promise<void> }>();
  /** Who waits for a message to change. */
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #following: Disposable;

  constructor({ store, clock }: OutboxDeps) {
    this.#store = store;
    this.#clock = clock;
    this.open = new OpenMessages(store);
    this.#following = store.onChange(({ messageId }) => {
      for (const look of this.#waiting.get(messageId) ?? []) look();
    });
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    this.open[Symbol.dispose]();
  }

  /** Makes a message durable here. One whose id is known is answered as it stands.
   *  @param ofSender with what guardrails did with the text before
   *  @throws MosaicError USAGE for text that can't be typed, MESSAGE_ID_REUSED, BUSY, STORE_UNAVAILABLE */
  async take(
    request: SendRequest,
    agent: Agent,
    { traceparent, capability, guard }: Pick<StoredMessage, "traceparent" | "capability"> & Pick<Receipt, "guard">,
  ): Promise<{ message: StoredMessage; isNew: boolean }> {
    // Refused here, where the sender still listens, instead of on the way.
    const text = textToType(request.text, agent.runtime, request.sourceLabel);
    const nowUnixMs = this.#clock.nowUnixMs();
    const policy = request.policy === InjectionPolicy.AT_LEAST_ONCE ? "at-least-once" : "at-most-once";
    const payloadSha256 = sha256(JSON.stringify([agent.tenantId, agent.host, agent.name, request.text, policy]));
    const expiresAtUnixMs = nowUnixMs + (request.expiresInMs || DEFAULT_LIFE_MS);
    const receipt = create(ReceiptSchema, {
      ...newReceipt(request.messageId, agent, sha256(text)),
      attempt: 1,
      sourceLabel: request.sourceLabel,
      textBytes: Buffer.byteLength(request.text),
      createdAtUnixMs: BigInt(nowUnixMs),
      expiresAtUnixMs: BigInt(expiresAtUnixMs),
      guard,
    });
    const taken = await this.#store.add({
      messageId: request.messageId,
      receipt: withStep(receipt, DeliveryState.QUEUED, { atUnixMs: nowUnixMs }),
      text: request.text,
      ...{ payloadSha256, traceparent, expiresAtUnixMs, policy },
      ...(capability === undefined ? {} : { capability }),
    });
    if (taken.isNew || taken.message.payloadSha256 === payloadSha256) return taken;
    const { agent: held } = taken.message.receipt;
    // Of another tenant's messages nothing is said but that the id is taken.
    const to = held?.tenantId === agent.tenantId ? ` to ${held.name}` : "";
    throw new MosaicError("MESSAGE_ID_REUSED", `message id "${request.messageId}" was used for another message${to}`, {
      hint: "leave out --id, or choose a new one",
    });
  }

  /** Why nothing is taken now, for people; undefined: it is. */
  get refusal(): string | undefined {
    return this.#store.health().refusal;
  }

  get(messageId: string): StoredMessage | undefined {
    return this.#store.get(messageId);
  }

  /** Everything held, the oldest first. */
  all(): Iterable<StoredMessage> {
    return this.#store.all();
  }

  /** Takes what an agent's host tells of a message; nothing of it is lost when it can't be written, it is told again. */
  async learn(told: Receipt): Promise<void> {
    await this.#write(told.messageId, (known) => mergeReceipts(known, told));
  }

  /** Says why a message is not on its way. */
  async hold(messageId: string, held: string): Promise<void> {
    await this.#write(messageId, (known) => (known.held === held ? known : create(ReceiptSchema, { ...known, held })));
  }

  /** Ends a message that never left.
   *  @returns undefined: it has left, or is not known; then nothing was done */
  async end(
    messageId: string,
    state: DeliveryState,
    facts: { readonly reason?: FailureReason; readonly detail: string },
  ): Promise<Receipt | undefined> {
    let isEnded = false;
    await this.#write(messageId, (known) => {
      isEnded = known.state === DeliveryState.QUEUED;
      if (!isEnded) return known;
      const ended = withStep(known, state, { atUnixMs: this.#clock.nowUnixMs(), ...facts });
      return create(ReceiptSchema, { ...ended, held: "" });
    });
    return isEnded ? this.#store.get(messageId)?.receipt : undefined;
  }

  /** Puts a message that ended here, and so was never put before its agent, at its beginning again, with a life as long as its
   *  first one. */
  async again(messageId: string): Promise<Receipt | undefined> {
    const nowUnixMs = this.#clock.nowUnixMs();
    await this.#write(messageId, (known) => {
      const expiresAtUnixMs = BigInt(nowUnixMs) + known.expiresAtUnixMs - known.createdAtUnixMs;
      const start = create(ReceiptSchema, { ...known, state: 0, reason: 0, expiresAtUnixMs });
      return withStep(start, DeliveryState.QUEUED, { atUnixMs: nowUnixMs });
    });
    return this.#store.get(messageId)?.receipt;
  }

  /** Resolves with the receipt when the message has come as far as the request asks for or to its end, when the time it gives is
   *  over.
   *  @throws what the signal gives as its reason when the caller goes away or its own deadline passes */
  async reached(
    request: Pick<SendRequest, "messageId" | "waitFor" | "waitMs">,
    { signal }: Pick<CallContext, "signal">,
  ): Promise<Receipt> {
    const wanted = request.waitFor || DeliveryState.ENTERED;
    const isThere = () => {
      const receipt = this.#store.get(request.messageId)?.receipt;
      return !receipt || isFinal(receipt.state) || hasReached(receipt.state, wanted);
    };
    if (!isThere() && !signal.aborted) await this.#untilChanged(request, isThere, signal);
    // Its own deadline is over, or nobody listens: a receipt now would be a matter of who is quicker.
    signal.throwIfAborted();
    const receipt = this.#store.get(request.messageId)?.receipt;
    if (!receipt) throw new MosaicError("INTERNAL", `the receipt of message ${request.messageId} was lost`);
    return receipt;
  }

  onChange(listener: (message: StoredMessage) => void): Disposable {
    return this.#store.onChange(listener);
  }

  async #untilChanged(
    { messageId, waitMs }: Pick<SendRequest, "messageId" | "waitMs">,
    isThere: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const over = new AbortController();
    const stop = () => over.abort();
    const look = () => isThere() && stop();
    const looking = this.#waiting.get(messageId) ?? new Set();
    this.#waiting.set(messageId, looking.add(look));
    signal.addEventListener("abort", stop, { once: true });
    await this.#clock.sleep(waitMs || DEFAULT_WAIT_MS, over.signal);
    signal.removeEventListener("abort", stop);
    looking.delete(look);
    if (looking.size === 0) this.#waiting.delete(messageId);
  }

  /** Writes what becomes of a receipt; one that stays as it is is not written again, and resolves when it is on disk as it is. */
  async #write(messageId: string, make: (known: Receipt) => Receipt): Promise<void> {
    const ahead = this.#ahead.get(messageId);
    const known = ahead?.receipt ?? this.#store.get(messageId)?.receipt;
    if (!known) return;
    const receipt = make(known);
    // A host tells the same in its answer and in its stream.
    if (receipt === known || equals(ReceiptSchema, known, receipt)) return await ahead?.written;
    const mine = { receipt, written: this.#store.update(messageId, { receipt }) };
    this.#ahead.set(messageId, mine);
    try {
      await mine.written;
    } finally {
      if (this.#ahead.get(messageId) === mine) this.#ahead.delete(messageId);
    }
  }
}

/** Hashes a text, in hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

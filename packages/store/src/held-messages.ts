import { isFinal, type StoredMessage } from "@mosaic/core";
import type { MessageFacts } from "./message-record.ts";

/** How much text of finished messages stays in memory, in UTF-16 units. They are read rarely: to send one again. */
const MAX_FINISHED_TEXT = 16 * 1024 * 1024;

/** A message in memory. */
export interface HeldMessage {
  readonly facts: MessageFacts;
  readonly textBytes: number;
  /** As callers see it: facts, and a text that is read from disk when it must be. */
  readonly message: StoredMessage;
}

/** The messages in memory: of each all but the text, which of those that finished longer ago lies on disk only. */
export class HeldMessages {
  readonly #readText: (sequence: number) => string;
  /** In the order in which they came here; with one writer that is by sequence. */
  readonly #held = new Map<string, HeldMessage>();
  readonly #texts = new Map<number, string>();
  /** Sequences of finished messages whose text is in memory, the one that finished first at the front. */
  readonly #finished = new Set<number>();
  readonly #maxFinishedText: number;
  #finishedText = 0;
  #unfinished = 0;

  /** @param readText for a text that is not in memory
   *  @param maxFinishedText how much text of finished messages stays in memory, in UTF-16 units */
  constructor(readText: (sequence: number) => string, maxFinishedText = MAX_FINISHED_TEXT) {
    this.#readText = readText;
    this.#maxFinishedText = maxFinishedText;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Messages that are not at their end. */
  get unfinished(): number {
    return this.#unfinished;
  }

  get(messageId: string): HeldMessage | undefined {
    return this.#held.get(messageId);
  }

  values(): Iterable<HeldMessage> {
    return this.#held.values();
  }

  /** Holds a message in place of what was known of it.
   *  @param text absent: it is in memory already, or is read when it is asked for */
  put(facts: MessageFacts, textBytes: number, text?: string): HeldMessage {
    const { messageId, sequence } = facts;
    const before = this.#held.get(messageId);
    this.#unfinished += Number(isUnfinished(facts)) - Number(before !== undefined && isUnfinished(before.facts));
    const readText = () => this.#texts.get(sequence) ?? this.#readText(sequence);
    const message = {
      ...facts,
      get text(): string {
        return readText();
      },
    };
    const held = { facts, textBytes, message };
    this.#held.set(messageId, held);
    if (text !== undefined) this.#texts.set(sequence, text);
    this.#tendText(facts);
    return held;
  }

  delete(messageId: string): void {
    const held = this.#held.get(messageId);
    if (held === undefined) return;
    this.#unfinished -= Number(isUnfinished(held.facts));
    this.#held.delete(messageId);
    this.#dropText(held.facts.sequence);
  }

  #tendText(facts: MessageFacts): void {
    const text = this.#texts.get(facts.sequence);
    if (text === undefined) return;
    const wasFinished = this.#finished.delete(facts.sequence);
    this.#finishedText -= wasFinished ? text.length : 0;
    if (isUnfinished(facts)) return;
    this.#finished.add(facts.sequence);
    this.#finishedText += text.length;
    for (const oldest of this.#finished) {
      if (this.#finishedText <= this.#maxFinishedText) break;
      this.#dropText(oldest);
    }
  }

  #dropText(sequence: number): void {
    if (this.#finished.delete(sequence)) this.#finishedText -= this.#texts.get(sequence)?.length ?? 0;
    this.#texts.delete(sequence);
  }
}

function isUnfinished({ receipt }: Pick<StoredMessage, "receipt">): boolean {
  return !isFinal(receipt.state);
}

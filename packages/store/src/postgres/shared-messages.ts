import { isFinal, type StoredMessage } from "@mosaic/core";
import { HeldMessages } from "../held-messages.ts";
import { type MessageLimits, PendingLoad, type Weighed } from "../message-limits.ts";
import { unavailable } from "../write-queue.ts";
import type { OutboxRow } from "./outbox-row.ts";

/** Text of finished messages in memory, in UTF-16 units. What is above it can't be read from here: reading waits for no network. */
const MAX_FINISHED_TEXT = 64 * 1024 * 1024;

/** The messages of several daemons as one of them has them in memory. */
export class SharedMessages {
  readonly #held = new HeldMessages((sequence) => {
    throw unavailable({ reason: `the text of message ${sequence} is in the database only`, hint: "", isLasting: false });
  }, MAX_FINISHED_TEXT);
  readonly #load: PendingLoad;
  readonly #rows = new Map<number, OutboxRow>();

  constructor(limits: MessageLimits) {
    this.#load = new PendingLoad(limits);
  }

  get size(): number {
    return this.#held.size;
  }

  get unfinished(): number {
    return this.#held.unfinished;
  }

  /** Counts what waits for each agent. */
  get load(): PendingLoad {
    return this.#load;
  }

  get(messageId: string): StoredMessage | undefined {
    return this.#held.get(messageId)?.message;
  }

  /** The row that a message was last seen as. */
  rowOf(sequence: number): OutboxRow | undefined {
    return this.#rows.get(sequence);
  }

  rows(): Iterable<OutboxRow> {
    return this.#rows.values();
  }

  /** By sequence, whatever order they were heard of in. */
  all(): StoredMessage[] {
    return [...this.#held.values()].map(({ message }) => message).sort((a, b) => a.sequence - b.sequence);
  }

  /** Takes what a message is now; what is older than what is known changes nothing.
   *  @param token of who looks: what is carried under another is somebody else's
   *  @returns the message; undefined: it was known */
  put(row: OutboxRow, token: number, text?: string): StoredMessage | undefined {
    const { messageId, sequence } = row.facts;
    const known = this.#held.get(messageId)?.facts.sequence;
    if (known !== undefined && known > sequence) return undefined;
    if (known !== undefined && known < sequence) this.drop(known);
    const before = this.#rows.get(sequence);
    if (before !== undefined && before.version >= row.version) return undefined;
    if (before) this.#load.remove(weightOf(before));
    this.#load.add(weightOf(row));
    this.#rows.set(sequence, row);
    const isOurs = row.ownerToken === token || isFinal(row.facts.receipt.state);
    const carrier = isOurs ? {} : { carriedBy: row.owner };
    return this.#held.put({ ...row.facts, ...carrier }, row.textBytes, text).message;
  }

  drop(sequence: number): void {
    const row = this.#rows.get(sequence);
    if (row === undefined) return;
    this.#load.remove(weightOf(row));
    this.#rows.delete(sequence);
    this.#held.delete(row.facts.messageId);
  }
}

function weightOf({ facts, textBytes }: OutboxRow): Weighed {
  return { receipt: facts.receipt, textBytes };
}

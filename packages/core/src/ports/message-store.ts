import type { Receipt } from "@mosaic/wire";

/** One message as a daemon keeps it until it is forgotten: what was asked, and how far it has come. */
export interface StoredMessage {
  /** The sender's id, unique in one store. */
  readonly messageId: string;
  /** Order in which the store took it; rises by at least one each time, also over restarts. */
  readonly sequence: number;
  /** Complete: state, steps, agent, hash. */
  readonly receipt: Receipt;
  /** As it was sent. */
  readonly text: string;
  /** Hash over everything that must be the same when the id comes again: agent, text, policy. */
  readonly payloadSha256: string;
  /** W3C trace context of the send; empty: none. What happens later belongs to that trace. */
  readonly traceparent: string;
  /** Given up after this instant unless it was accepted before, in ms of this host's wall clock. */
  readonly expiresAtUnixMs: number;
  readonly policy: "at-most-once" | "at-least-once";
  /** What its sender has signed of it, to be handed on as it is. Absent: nobody had to. */
  readonly capability?: string | undefined;
  /** What is typed instead of the text, because it is a runtime's own command (`/clear`). Absent: it is a message. */
  readonly command?: string | undefined;
  /** Written before the first key of an attempt and taken away when it is known how it ended: what a restart finds here was
   *  interrupted in the middle. */
  readonly injecting?: Injection | undefined;
  /** Id of the daemon that carries it, where several share a store and another one does. Absent: this one. */
  readonly carriedBy?: string | undefined;
}

/** An attempt to put a text before an agent. */
export interface Injection {
  readonly attempt: number;
  readonly paneId: string;
  readonly panePid: number;
  readonly startedAtUnixMs: number;
  /** True once it was pasted and the key that submits it may have been pressed. */
  readonly isSubmitted: boolean;
  /** When a restart first found it, and began to wait for the agent's word. Absent: none has. */
  readonly foundAtUnixMs?: number | undefined;
}

/** What of a message may change. */
export type MessageChange = Pick<StoredMessage, "receipt"> & { readonly injecting?: Injection | undefined };

/** What a store holds, and what it had to leave behind when it was opened. */
export interface StoreHealth {
  /** Why the store takes nothing more now, for people; undefined: it does. */
  readonly refusal: string | undefined;
  /** Messages that are not at their end. */
  readonly unfinished: number;
}

/** Durable messages of one daemon: the inbox of a node, the outbox of an aggregator. Reads are answered from memory and go on
 *  when nothing can be written. */
export interface MessageStore extends AsyncDisposable {
  /** Takes a message; on disk when it resolves. One whose id is known changes nothing and is answered as it is.
   *  @throws MosaicError STORE_UNAVAILABLE when it can't be made durable: then the message was not taken; BUSY when too much
   *  waits for its agent */
  add(message: Omit<StoredMessage, "sequence">): Promise<{ readonly message: StoredMessage; readonly isNew: boolean }>;
  /** Replaces receipt and injection of a message; on disk when it resolves. An unknown id changes nothing.
   *  @throws MosaicError STORE_UNAVAILABLE; NOT_HERE for one that another daemon carries. What {@link MessageStore.get} answers is
   *  then as it was before */
  update(messageId: string, change: MessageChange): Promise<void>;
  get(messageId: string): StoredMessage | undefined;
  /** Everything held, by sequence. */
  all(): Iterable<StoredMessage>;
  /** Forgets messages at their end whose expiry lies more than 24 h back; and those that were submitted, and whose expiry lies
   *  more than 8 days back, since of some no end is ever reported. @returns how many */
  forget(nowUnixMs: number): Promise<number>;
  health(): StoreHealth;
  /** Calls back after each change, with the message as it is now. */
  onChange(listener: (message: StoredMessage) => void): Disposable;
  /** Says which messages this daemon can carry now. Only in a store that several share, which looks at it now and then: what nobody
   *  carries any more goes to one who can. Before it is said, that is anything. */
  carryOnly?(canCarry: (message: StoredMessage) => boolean): void;
}

import type { IncomingMessage } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import { endStreamFlag, endStreamFromJson } from "@connectrpc/connect/protocol-connect";
import { lossOf } from "./http1-exchange.ts";
import { type Envelope, EnvelopeSplitter } from "./read-envelopes.ts";

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (thrown: unknown) => void;
}

/** The messages of a streaming reply of the Connect protocol. Its bytes are taken as they come, without a stream or generator between:
 *  who watches a thousand hosts is handed 330 messages a second, nearly each in a piece of its own (docs/adr/0027). While more are here
 *  than were asked for, the reply is paused. */
export class ReplyMessages<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reply: IncomingMessage;
  readonly #splitter: EnvelopeSplitter;
  readonly #parse: (bytes: Uint8Array) => T;
  /** Encoded: they are decoded when they are asked for. */
  #ready: Uint8Array[] = [];
  #waiting: Waiting<T> | undefined;
  #end: { readonly thrown: unknown } | undefined;

  /** @param maxBytes of one message
   *  @param parse may throw, which ends the reply */
  constructor(reply: IncomingMessage, maxBytes: number, parse: (bytes: Uint8Array) => T) {
    this.#reply = reply;
    this.#splitter = new EnvelopeSplitter(maxBytes);
    this.#parse = parse;
    reply.on("data", (piece: Buffer) => this.#take(piece));
    reply.on("end", () => this.#ended());
    reply.on("error", (error) => this.#finish(lossOf(error)));
    reply.on("close", () => this.#finish(lossOf(new Error("the connection was closed"))));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message; ask for one at a time.
   *  @throws ConnectError what the server ended the stream with, or ABORTED for a connection that broke */
  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
      if (this.#waiting && this.#reply.isPaused()) this.#reply.resume();
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#ready = [];
    this.#finish(undefined);
    this.#reply.destroy();
    return over;
  }

  #take(piece: Buffer): void {
    if (this.#end) return;
    try {
      for (const envelope of this.#splitter.take(piece)) this.#keep(envelope);
    } catch (thrown) {
      this.#refuse(thrown);
    }
    this.#serve();
    // What follows the end is nothing of ours; read to its own end, the connection serves the next call.
    if (this.#ready.length > 0 && !this.#end) this.#reply.pause();
  }

  #keep({ flags, data }: Envelope): void {
    if (this.#end) return;
    if ((flags & endStreamFlag) === 0) this.#ready.push(data);
    else this.#finish(endStreamFromJson(data).error);
  }

  // The last envelope has said how the stream ended; without it, its connection broke.
  #ended(): void {
    try {
      this.#splitter.end();
      this.#finish(new ConnectError("the stream ended without a word", Code.Aborted));
    } catch (thrown) {
      this.#finish(thrown);
    }
  }

  /** Hands out what is here to whoever waits. */
  #serve(): void {
    const waiting = this.#waiting;
    if (!waiting || (this.#ready.length === 0 && !this.#end)) return;
    this.#waiting = undefined;
    const bytes = this.#ready.shift();
    if (bytes) this.#deliver(bytes, waiting);
    else if (this.#end?.thrown === undefined) waiting.resolve(over);
    else waiting.reject(this.#end.thrown);
  }

  #deliver(bytes: Uint8Array, { resolve, reject }: Waiting<T>): void {
    try {
      resolve({ done: false, value: this.#parse(bytes) });
    } catch (thrown) {
      this.#refuse(thrown);
      reject(thrown);
    }
  }

  #refuse(thrown: unknown): void {
    this.#ready = [];
    this.#finish(thrown);
    this.#reply.destroy();
  }

  // What was first is the reason of the rest.
  #finish(thrown: unknown): void {
    this.#end ??= { thrown };
    this.#serve();
  }
}

const over = { done: true, value: undefined } as const;

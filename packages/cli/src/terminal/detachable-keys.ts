import type { Io } from "../io/io.ts";

/** Why there are no more keys. */
export type KeysEnd = "detached" | "overrun";

/** What is typed here, as it goes to an agent: every byte as it comes, but for Ctrl-]. That key alone ends the keys; twice in
 *  a row it is one Ctrl-] for the agent. Any other key right after it is not passed on. */
export class DetachableKeys implements AsyncIterable<Uint8Array> {
  readonly #io: Io;
  readonly #ended = Promise.withResolvers<KeysEnd>();
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #wake = () => {};
  /** Set while a Ctrl-] waits for what comes next. */
  #pending: AbortController | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  /** Resolves when the detach key was pressed, or more was typed than is taken. */
  get ended(): Promise<KeysEnd> {
    return this.#ended.promise;
  }

  /** Reads the terminal's keys until disposed. */
  open(): Disposable {
    const keys = this.#io.stdin.openKeyBytes((bytes) => this.#take(bytes));
    return {
      [Symbol.dispose]: () => {
        this.#pending?.abort();
        keys[Symbol.dispose]();
      },
    };
  }

  /** Ends the keys: what was typed is still passed on, and then no more. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
        this.#waitingBytes -= chunk.length;
        yield chunk;
      }
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(bytes: Uint8Array): void {
    const kept: number[] = [];
    let isLeaving = false;
    for (const byte of bytes) {
      if (this.#pending === undefined && byte === DETACH_KEY) this.#pending = new AbortController();
      else if (this.#pending === undefined) kept.push(byte);
      else {
        this.#pending.abort();
        this.#pending = undefined;
        isLeaving = byte !== DETACH_KEY;
        if (isLeaving) break;
        kept.push(byte);
      }
    }
    this.#pass(kept);
    if (isLeaving) this.#finish("detached");
    else if (this.#pending) void this.#leaveUnlessRepeated(this.#pending);
  }

  async #leaveUnlessRepeated(pending: AbortController): Promise<void> {
    await this.#io.clock.sleep(REPEAT_MS, pending.signal);
    if (!pending.signal.aborted) this.#finish("detached");
  }

  #pass(bytes: readonly number[]): void {
    if (this.#isOver) return;
    for (let start = 0; start < bytes.length; start += MAX_CHUNK_BYTES)
      this.#chunks.push(Uint8Array.from(bytes.slice(start, start + MAX_CHUNK_BYTES)));
    this.#waitingBytes += bytes.length;
    this.#wake();
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#finish("overrun");
  }

  #finish(end: KeysEnd): void {
    this.end();
    this.#ended.resolve(end);
  }
}

/** Ctrl-]: no agent uses it, and telnet has made it known. */
const DETACH_KEY = 0x1d;
/** How long a second Ctrl-] may take to follow the first, in ms. */
const REPEAT_MS = 300;
/** The contract's own limit of one message. */
const MAX_CHUNK_BYTES = 65_536;
/** What is typed may wait for a slow agent up to this; a paste that is larger has nowhere to stay. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

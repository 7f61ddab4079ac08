import { type Clock, type GrowingFiles, type Log, MosaicError } from "@mosaic/core";
import { PokedLoop } from "../poked-loop.ts";
import type { TranscriptPosition } from "./last-words.ts";

export interface TranscriptTailDeps {
  readonly files: GrowingFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes one line; rejects when it must be read again later. */
  readonly take: (line: string) => Promise<void>;
}

const CHUNK_BYTES = 256 * 1024;
/** A line that is longer holds a tool's output, which nobody asks for. */
const MAX_LINE_BYTES = 1024 * 1024;
/** Of what was written while nobody read, only this much is read. */
const MAX_BEHIND_BYTES = 8 * 1024 * 1024;
/** How often the file is looked at when nothing is told, in ms; and how long a line that can't be taken waits. */
const LOOK_EVERY_MS = 5000;
const LF = 0x0a;

/** Takes the lines that are appended to one file, each once it is whole. */
export class TranscriptTail implements AsyncDisposable {
  readonly #deps: TranscriptTailDeps;
  readonly #loop: PokedLoop;
  readonly #path: string;
  #nextByte: number;
  /** True within a line of which the beginning is not known, or not wanted. */
  #isSkipping = false;
  #following: Disposable | undefined;

  constructor(deps: TranscriptTailDeps, { path, nextByte }: TranscriptPosition) {
    this.#deps = deps;
    this.#path = path;
    this.#nextByte = nextByte;
    this.#loop = new PokedLoop({ clock: deps.clock, pauseMs: () => LOOK_EVERY_MS, work: () => this.#readOn() });
  }

  /** Behind the last line that was taken, or that is being taken. */
  get position(): TranscriptPosition {
    return { path: this.#path, nextByte: this.#nextByte };
  }

  /** Reads what is there, then what comes. */
  async start(): Promise<void> {
    this.#following = this.#deps.files.onGrowth(this.#path, () => this.#loop.poke());
    await this.#readOn();
    this.#loop.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following?.[Symbol.dispose]();
    await this.#loop[Symbol.asyncDispose]();
  }

  async #readOn(): Promise<void> {
    try {
      await this.#catchUp((await this.#deps.files.size(this.#path)) ?? 0);
    } catch (thrown) {
      this.#deps.log.debug({ error: MosaicError.from(thrown).message }, "a conversation is read again later");
    }
  }

  async #catchUp(size: number): Promise<void> {
    // It was written anew.
    if (size < this.#nextByte) this.#nextByte = 0;
    if (size - this.#nextByte > MAX_BEHIND_BYTES) {
      this.#nextByte = size - MAX_BEHIND_BYTES;
      this.#isSkipping = true;
    }
    while (!this.#loop.isStopped && (await this.#readChunk(CHUNK_BYTES))) {}
  }

  /** @returns false: there is no whole line more */
  async #readChunk(maxBytes: number): Promise<boolean> {
    const bytes = await this.#deps.files.read(this.#path, this.#nextByte, maxBytes);
    const lastEnd = bytes.lastIndexOf(LF);
    if (lastEnd < 0) return await this.#withoutEnd(bytes.length, maxBytes);
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0 && !this.#loop.isStopped; end = bytes.indexOf(LF, start)) {
      await this.#takeLine(bytes.subarray(start, end), end + 1 - start);
      start = end + 1;
    }
    return true;
  }

  async #withoutEnd(length: number, maxBytes: number): Promise<boolean> {
    if (length < maxBytes) return false;
    if (maxBytes < MAX_LINE_BYTES) return await this.#readChunk(MAX_LINE_BYTES);
    this.#nextByte += length;
    this.#isSkipping = true;
    return true;
  }

  async #takeLine(line: Uint8Array, length: number): Promise<void> {
    const isWanted = !this.#isSkipping && line.length > 0;
    // Counted before, so that who writes the position down while it is taken does not read it again.
    this.#nextByte += length;
    this.#isSkipping = false;
    if (!isWanted) return;
    try {
      await this.#deps.take(new TextDecoder().decode(line));
    } catch (thrown) {
      this.#nextByte -= length;
      throw thrown;
    }
  }
}

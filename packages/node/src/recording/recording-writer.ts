import { type Clock, MosaicError, type OpenRecording, type RecordingStore, rotationPlan } from "@mosaic/core";

export interface RecordingWriterDeps {
  readonly store: RecordingStore;
  readonly clock: Clock;
}

export interface RecordingWriterOptions {
  readonly agent: string;
  /** Files of the agent that may be there, the one being written included. */
  readonly maxFiles: number;
  /** Something of what was begun is on disk. */
  readonly onWritten: () => void;
  /** Called once; from then on nothing is written. */
  readonly onFailure: (error: MosaicError) => void;
}

/** Writes recordings in order and in large pieces: what is handed over is on disk after a second at the latest, or as soon as
 *  64 KB wait. What waits is bounded: behind a disk that does not keep up, more is refused. */
export class RecordingWriter implements AsyncDisposable {
  readonly #deps: RecordingWriterDeps;
  readonly #options: RecordingWriterOptions;
  readonly #over = new AbortController();
  #waiting: Step[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #diskHasItSinceMs: number | undefined;
  #pause = new AbortController();
  #file: OpenFile | undefined;
  #hasFailed = false;

  constructor(deps: RecordingWriterDeps, options: RecordingWriterOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Closes what was written and begins a new file, after the agent's oldest made room for it. */
  begin(id: string, bytes: Uint8Array): void {
    if (this.#hasFailed) return;
    this.#waiting.push({ kind: "begin", id });
    if (!this.#add(bytes)) this.#waiting.push({ kind: "bytes", bytes });
  }

  /** @returns false when the bytes were dropped, because too much waits already */
  write(bytes: Uint8Array): boolean {
    return this.#add(bytes);
  }

  /** For how long the disk has not answered, in ms; 0: it is asked nothing. */
  get stalledMs(): number {
    const nowMs = this.#deps.clock.monotonicMs();
    return nowMs - (this.#diskHasItSinceMs ?? nowMs);
  }

  /** Writes what waits, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    this.#pause.abort();
    await this.#writing;
    await this.#close();
  }

  #add(bytes: Uint8Array): boolean {
    if (this.#hasFailed) return true;
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) return false;
    this.#waiting.push({ kind: "bytes", bytes });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= FLUSH_BYTES) this.#pause.abort();
    this.#writing ??= this.#writeAll();
    return true;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#hasFailed) {
      if (this.#waitingBytes < FLUSH_BYTES && !this.#over.signal.aborted) {
        this.#pause = new AbortController();
        await this.#deps.clock.sleep(FLUSH_MS, this.#pause.signal);
      }
      await this.#writeWaiting();
    }
    this.#writing = undefined;
  }

  async #writeWaiting(): Promise<void> {
    const steps = this.#waiting;
    this.#waiting = [];
    this.#diskHasItSinceMs = this.#deps.clock.monotonicMs();
    try {
      for (const step of joined(steps)) {
        if (step.kind === "begin") await this.#begin(step.id);
        else await this.#append(step.bytes);
      }
    } catch (thrown) {
      await this.#fail(MosaicError.from(thrown));
    }
    this.#diskHasItSinceMs = undefined;
    this.#waitingBytes = this.#waiting.reduce((sum, step) => sum + (step.kind === "bytes" ? step.bytes.length : 0), 0);
  }

  async #begin(id: string): Promise<void> {
    const { store } = this.#deps;
    const { agent, maxFiles } = this.#options;
    await this.#close();
    // Before there is a new one, so that there are never more than may be.
    for (const old of rotationPlan(await store.list(agent), maxFiles - 1)) await store.delete(agent, old.id);
    this.#file = { id, recording: await store.create(agent, id), isEmpty: true };
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#file === undefined) return;
    await this.#file.recording.append(bytes);
    this.#file.isEmpty = false;
    this.#options.onWritten();
  }

  async #fail(error: MosaicError): Promise<void> {
    this.#hasFailed = true;
    this.#waiting = [];
    const file = this.#file;
    await this.#close();
    // A file that not even its opening went into would only push whole ones out. What can't be deleted is left: the disk is
    // in trouble already, and its trouble is told.
    if (file?.isEmpty) await this.#deps.store.delete(this.#options.agent, file.id).catch(() => {});
    this.#options.onFailure(error);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // All of it was appended before; what a close can still say is said by the next append.
    await file?.recording.close().catch(() => {});
  }
}

const FLUSH_MS = 1000;
const FLUSH_BYTES = 65_536;
/** A disk that stands still for a second amid a flood. */
const MAX_WAITING_BYTES = 4 * 1_048_576;

type Step = { readonly kind: "begin"; readonly id: string } | { readonly kind: "bytes"; readonly bytes: Uint8Array };

interface OpenFile {
  readonly id: string;
  readonly recording: OpenRecording;
  isEmpty: boolean;
}

// One write for all that follows in one file.
function joined(steps: readonly Step[]): Step[] {
  const result: Step[] = [];
  let parts: Uint8Array[] = [];
  const flush = () => {
    if (parts.length > 0) result.push({ kind: "bytes", bytes: Buffer.concat(parts) });
    parts = [];
  };
  for (const step of steps) {
    if (step.kind === "bytes") parts.push(step.bytes);
    else {
      flush();
      result.push(step);
    }
  }
  flush();
  return result;
}

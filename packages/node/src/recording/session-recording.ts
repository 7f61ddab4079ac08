import {
  type Clock,
  createUtf8Stream,
  formatCastEvent,
  formatCastHeader,
  type MosaicError,
  paintScreen,
  type Recording,
  type RecordingStore,
  recordingId,
  type SessionTape,
  type SessionTapes,
  type TapeEvent,
  type TapeScreen,
} from "@mosaic/core";
import { RecordingWriter } from "./recording-writer.ts";

export interface SessionRecordingDeps {
  readonly tapes: SessionTapes;
  readonly store: RecordingStore;
  readonly clock: Clock;
  readonly newId: () => string;
}

export interface SessionRecordingOptions {
  readonly agent: string;
  readonly session: string;
  readonly paneId: string;
  /** What players call the recording. */
  readonly title: string;
  readonly limits: Recording;
  readonly onWritten: () => void;
  /** The session is gone. */
  readonly onEnded: () => void;
  /** Recording stopped for good, and why. */
  readonly onFailure: (error: MosaicError) => void;
}

/** Records one pane from now on. Every file begins with the screen as it is, and so plays on its own.
 *
 *  States: `blind`, until a screen comes: output is left out, for it is in that screen; `seeing`: output is written. A gap, or
 *  a disk that does not keep up, makes it blind. Shortly before a file is full a screen is asked for, with which the next one
 *  begins; should so much come before it that the file is full, that much is left out, and marked. */
export class SessionRecording implements AsyncDisposable {
  readonly #deps: SessionRecordingDeps;
  readonly #options: SessionRecordingOptions;
  readonly #tape: SessionTape;
  readonly #writer: RecordingWriter;
  readonly #utf8 = createUtf8Stream();
  readonly #over = new AbortController();
  #state: "blind" | "seeing" = "blind";
  #blindSinceMs: number | undefined;
  #file: CurrentFile | undefined;

  constructor(deps: SessionRecordingDeps, options: SessionRecordingOptions) {
    const { agent, limits, session, paneId, onWritten, onFailure } = options;
    this.#deps = deps;
    this.#options = options;
    this.#blindSinceMs = deps.clock.monotonicMs();
    this.#writer = new RecordingWriter(deps, { agent, maxFiles: limits.maxFiles, onWritten, onFailure });
    this.#tape = deps.tapes.followSession(session, (event) => this.#take(event));
    this.#tape.askForScreen(paneId);
  }

  /** Why nothing was recorded for that long, in ms; undefined: something was, or nothing came that could be. */
  whyAtAStandstill(forMs: number): string | undefined {
    if (this.#writer.stalledMs >= forMs) return `the disk takes nothing since ${seconds(this.#writer.stalledMs)}`;
    const blindMs = this.#deps.clock.monotonicMs() - (this.#blindSinceMs ?? Number.POSITIVE_INFINITY);
    return blindMs < forMs ? undefined : `no screen of session "${this.#options.session}" came within ${seconds(blindMs)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#tape[Symbol.asyncDispose]();
    await this.#writer[Symbol.asyncDispose]();
  }

  #take(event: TapeEvent): void {
    if (event.kind === "output") return event.paneId === this.#options.paneId ? this.#takeOutput(event.bytes) : undefined;
    if (event.kind === "screen") return this.#takeScreen(event.screen);
    if (event.kind === "resized") return this.#tape.askForScreen(this.#options.paneId);
    if (event.kind === "gap") return this.#goBlind();
    this.#options.onEnded();
  }

  #takeOutput(bytes: Uint8Array): void {
    const file = this.#file;
    if (this.#state === "blind" || file === undefined) return;
    const text = this.#utf8.push(bytes);
    const line = Buffer.from(formatCastEvent({ kind: "output", atMs: this.#timeIn(file), text }));
    if (file.bytes + line.length > file.maxBytes - MARKER_BYTES) return this.#goBlind();
    if (!this.#write(file, line)) return this.#goBlind(CONGESTION_PAUSE_MS);
    if (file.bytes > file.turnAtBytes) this.#askForNext(file);
  }

  #takeScreen(screen: TapeScreen): void {
    const file = this.#file;
    // What was begun before the screen ends there: the screen shows it as it stands.
    this.#utf8.end();
    const opening = formatCastEvent({ kind: "output", atMs: 0, text: paintScreen(screen) });
    const isFull = file === undefined || file.isEnding || file.bytes + opening.length > file.turnAtBytes;
    if (isFull) this.#beginFile(screen, opening);
    else this.#goOn(file, screen);
  }

  #beginFile({ columns, rows }: TapeScreen, opening: string): void {
    const { clock, newId } = this.#deps;
    const { title, limits } = this.#options;
    const startedUnixMs = clock.nowUnixMs();
    const bytes = Buffer.from(formatCastHeader({ columns, rows, startedUnixMs, title }) + opening);
    // A screen in many colours can be larger than a small limit: then the file holds as much again, and not only screens.
    const maxBytes = Math.max(limits.maxFileBytes, 2 * bytes.length);
    const turnAtBytes = maxBytes - Math.min(maxBytes / 4, MAX_HEADROOM_BYTES);
    const size = `${columns}x${rows}`;
    this.#file = { startedMs: clock.monotonicMs(), bytes: bytes.length, maxBytes, turnAtBytes, size, isEnding: false };
    this.#see();
    this.#writer.begin(recordingId(startedUnixMs, newId()), bytes);
  }

  // In the file that there is: after a gap, or after a resize, on which terminals differ in what becomes of the text.
  #goOn(file: CurrentFile, screen: TapeScreen): void {
    const { columns, rows } = screen;
    const size = `${columns}x${rows}`;
    if (this.#state === "seeing" && file.size === size) return;
    const atMs = this.#timeIn(file);
    const events = [
      ...(file.size === size ? [] : [formatCastEvent({ kind: "resized", atMs, columns, rows })]),
      formatCastEvent({ kind: "output", atMs, text: paintScreen(screen) }),
    ];
    file.size = size;
    this.#see();
    if (!this.#write(file, Buffer.from(events.join("")))) this.#goBlind(CONGESTION_PAUSE_MS);
  }

  #see(): void {
    this.#state = "seeing";
    this.#blindSinceMs = undefined;
  }

  #goBlind(pauseMs = 0): void {
    const file = this.#file;
    this.#blindSinceMs ??= this.#deps.clock.monotonicMs();
    void this.#askAfter(pauseMs);
    if (this.#state === "blind" || file === undefined) return;
    this.#state = "blind";
    this.#write(file, Buffer.from(formatCastEvent({ kind: "marker", atMs: this.#timeIn(file), label: MISSING })));
    if (file.bytes > file.turnAtBytes) file.isEnding = true;
  }

  async #askAfter(pauseMs: number): Promise<void> {
    if (pauseMs > 0) await this.#deps.clock.sleep(pauseMs, this.#over.signal);
    if (!this.#over.signal.aborted) this.#tape.askForScreen(this.#options.paneId);
  }

  #askForNext(file: CurrentFile): void {
    if (!file.isEnding) this.#tape.askForScreen(this.#options.paneId);
    file.isEnding = true;
  }

  #write(file: CurrentFile, bytes: Uint8Array): boolean {
    if (!this.#writer.write(bytes)) return false;
    file.bytes += bytes.length;
    return true;
  }

  #timeIn(file: CurrentFile): number {
    return this.#deps.clock.monotonicMs() - file.startedMs;
  }
}

/** The disk is behind: another screen would only add to what waits for it. */
const CONGESTION_PAUSE_MS = 1000;
const MISSING = "output is missing here";
/** Room for the line that says so. */
const MARKER_BYTES = 80;
/** How long before its end a large file asks for the screen that the next one begins with. */
const MAX_HEADROOM_BYTES = 1_048_576;

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}

interface CurrentFile {
  readonly startedMs: number;
  readonly maxBytes: number;
  /** From here on the next file is prepared. */
  readonly turnAtBytes: number;
  bytes: number;
  size: string;
  /** True once a screen was asked for that begins the next file. */
  isEnding: boolean;
}

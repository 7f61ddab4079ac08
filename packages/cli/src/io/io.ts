import type { Clock } from "@mosaic/core/light";

/** A stream that text goes to. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  /** Height of the terminal; undefined when it is none. */
  readonly rows: number | undefined;
  write(text: string): void;
  /** Resolves when what was written is out of this process. */
  flushed(): Promise<void>;
  onResize(listener: () => void): Disposable;
}

/** Where keys and piped text come from. */
export interface Input {
  readonly isTerminal: boolean;
  /** Reads to the end. @throws Error when there is more than `maxBytes`. */
  readAll(maxBytes: number): Promise<Uint8Array>;
  /** Calls back with keys as they are pressed, unbuffered and unechoed, until disposed. Only on a terminal. */
  openKeys(listener: (keys: string) => void): Disposable;
  /** As `openKeys`, with the bytes as the terminal sends them. */
  openKeyBytes(listener: (keys: Uint8Array) => void): Disposable;
}

/** Everything outside the command, as fields, so that a test can be the whole world. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Name of this machine. */
  readonly hostName: () => string;
  readonly readFile: (path: string, maxBytes: number) => Promise<Uint8Array>;
  /** Aborts on Ctrl-C, SIGTERM and SIGHUP (reason: MosaicError CANCELLED), and when nobody reads stdout any more (reason:
   *  OutputClosed). */
  readonly signal: AbortSignal;
}

/** Why the signal aborted when the reader of stdout went away, as in `mosaic fleet ps | head -1`: not an error. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

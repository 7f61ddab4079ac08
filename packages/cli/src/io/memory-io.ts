import type { Clock } from "@mosaic/core/light";
import { systemClock } from "@mosaic/host/system-clock";
import type { Input, Io, Output } from "./io.ts";

export interface MemoryIoOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Makes stdout (and stdin) a terminal of this size. Absent: everything is piped. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** Makes stderr a terminal of 100 columns. */
  readonly isStderrTerminal?: boolean;
  /** What stdin and files hold, by path; stdin is `-`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly clock?: Clock;
}

/** A stream that keeps what is written. */
export interface MemoryOutput extends Output {
  /** Everything written so far. */
  readonly text: string;
  /** Resolves as soon as the text, or the part of it from `from` on, matches. */
  shows(pattern: RegExp, from?: number): Promise<void>;
  resize(columns: number, rows: number): void;
}

/** A whole world in memory for tests of commands: pinned home, width, host and clock. */
export interface MemoryIo extends Io {
  readonly stdout: MemoryOutput;
  readonly stderr: MemoryOutput;
  press(keys: string): void;
  interrupt(reason: unknown): void;
  /** True while keys are read raw: what has to be false once a command is over. */
  readonly isRaw: boolean;
}

/** Makes such a world. */
export function memoryIo(options: MemoryIoOptions = {}): MemoryIo {
  const stop = new AbortController();
  const listeners = new Set<(keys: string) => void>();
  const files = options.files ?? {};
  const bytesOf = (path: string): Uint8Array => {
    const found = files[path];
    if (found === undefined) throw new Error(`no such file in this test: ${path}`);
    return typeof found === "string" ? new TextEncoder().encode(found) : found;
  };
  const stdin: Input = {
    isTerminal: options.terminal !== undefined,
    readAll: async () => bytesOf("-"),
    openKeys(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    openKeyBytes(listener) {
      return this.openKeys((keys) => listener(new TextEncoder().encode(keys)));
    },
  };
  return {
    stdin,
    stdout: memoryOutput(options.terminal),
    stderr: memoryOutput(options.isStderrTerminal ? { columns: 100, rows: 30 } : undefined),
    env: { HOME: "/home/ada", TERM: "xterm-256color", ...options.env },
    cwd: "/home/ada",
    clock: options.clock ?? systemClock,
    hostName: () => "desk",
    readFile: async (path) => bytesOf(path),
    signal: stop.signal,
    press(keys) {
      for (const listener of listeners) listener(keys);
    },
    interrupt: (reason) => stop.abort(reason),
    get isRaw() {
      return listeners.size > 0;
    },
  };
}

function memoryOutput(terminal: { columns: number; rows: number } | undefined): MemoryOutput {
  let size = terminal;
  let text = "";
  const watchers = new Set<() => void>();
  const resizers = new Set<() => void>();
  return {
    isTerminal: terminal !== undefined,
    get columns() {
      return size?.columns;
    },
    get rows() {
      return size?.rows;
    },
    get text() {
      return text;
    },
    write(more) {
      text += more;
      for (const watcher of watchers) watcher();
    },
    flushed: async () => {},
    onResize(listener) {
      resizers.add(listener);
      return { [Symbol.dispose]: () => void resizers.delete(listener) };
    },
    resize(columns, rows) {
      size = { columns, rows };
      for (const resizer of resizers) resizer();
    },
    shows(pattern, from = 0) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`never showed ${pattern}; it shows:\n${text.slice(from)}`)), 10_000);
        const look = () => {
          if (!pattern.test(text.slice(from))) return;
          clearTimeout(late);
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
  };
}

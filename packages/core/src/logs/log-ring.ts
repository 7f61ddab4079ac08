/** What a daemon keeps of its own log in memory: enough to see what led to a fault, and little beside the rest of the program. */
const MAX_LINES = 2000;
/** Counted in characters; nearly all lines are ASCII, which takes a byte each. */
const MAX_CHARACTERS = 512 * 1024;
/** A longer line is cut: a log line is read by people. */
const MAX_LINE_CHARACTERS = 16 * 1024;

export interface LogRingOptions {
  /** Random id of this life of the daemon. */
  readonly epoch: string;
  readonly maxLines?: number;
  readonly maxCharacters?: number;
}

/** What a reader gets from where it stood. */
export interface LogReading {
  /** As they were written, oldest first. */
  readonly lines: readonly string[];
  /** How many were overwritten before it came to read them. */
  readonly missed: number;
  /** Where it stands now: how many were written before. */
  readonly next: number;
}

/** The last lines of this process's own log. Whoever writes never waits; each reader stands where it likes, and one that is too slow
 *  is told how many it missed. Nothing is kept for a reader, so that any number of them costs nothing. */
export class LogRing {
  readonly epoch: string;
  readonly #maxLines: number;
  readonly #maxCharacters: number;
  readonly #lines: (string | undefined)[];
  /** Number of the oldest line that is held. */
  #first = 0;
  #written = 0;
  #characters = 0;
  readonly #waiting = new Set<() => void>();

  constructor({ epoch, maxLines = MAX_LINES, maxCharacters = MAX_CHARACTERS }: LogRingOptions) {
    this.epoch = epoch;
    this.#maxLines = maxLines;
    this.#maxCharacters = maxCharacters;
    this.#lines = new Array<string | undefined>(maxLines);
  }

  /** Number of the oldest line that is held; the same as `written` when none is. */
  get first(): number {
    return this.#first;
  }

  /** How many lines were written in this life. */
  get written(): number {
    return this.#written;
  }

  /** Keeps a line, in place of the oldest where there is no room. */
  add(text: string): void {
    const line = shortened(text.endsWith("\n") ? text.slice(0, -1) : text);
    while (this.#written > this.#first && this.#isFullFor(line)) this.#dropOldest();
    this.#lines[this.#written % this.#maxLines] = line;
    this.#characters += line.length;
    this.#written += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Passes lines on and keeps them: what a logger writes to. */
  alsoTo(sink: { write(line: string): unknown }): { write(line: string): void } {
    return {
      write: (line) => {
        sink.write(line);
        this.add(line);
      },
    };
  }

  /** Reads on from a place: at most so many lines, and no further once they have so many characters. */
  read(from: number, maxLines: number, maxCharacters = Number.POSITIVE_INFINITY): LogReading {
    const start = Math.min(Math.max(from, this.#first), this.#written);
    const lines: string[] = [];
    let characters = 0;
    while (start + lines.length < this.#written && lines.length < maxLines && characters < maxCharacters) {
      const line = this.#lines[(start + lines.length) % this.#maxLines] ?? "";
      lines.push(line);
      characters += line.length;
    }
    return { lines, missed: Math.max(0, start - from), next: start + lines.length };
  }

  /** Resolves when more than `from` lines were written, or when the signal aborts. */
  async beyond(from: number, signal: AbortSignal): Promise<void> {
    if (this.#written > from || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  #isFullFor(line: string): boolean {
    return this.#written - this.#first >= this.#maxLines || this.#characters + line.length > this.#maxCharacters;
  }

  #dropOldest(): void {
    const slot = this.#first % this.#maxLines;
    this.#characters -= this.#lines[slot]?.length ?? 0;
    this.#lines[slot] = undefined;
    this.#first += 1;
  }
}

/** Cuts a line that is too long, and says so in it; its time and level stay. */
function shortened(line: string): string {
  if (line.length <= MAX_LINE_CHARACTERS) return line;
  const head = /^\{"level":\d{1,3},"time":\d{1,16},/.exec(line)?.[0];
  const start = line.slice(0, MAX_LINE_CHARACTERS / 2);
  const cut = `(${line.length} characters, cut) ${start}`;
  return head ? `${head}"msg":${JSON.stringify(cut)}}` : cut;
}

import type { Io } from "../io/io.ts";

/** Why a full-screen command ends. */
export type ScreenEnd = "quit" | "interrupted";

/** The terminal while a command has all of it. Disposing puts everything back as it was. */
export interface ScreenSession extends Disposable {
  /** Resolves when a key asks for the end. Every other key is swallowed: there is nobody to hand it to. */
  readonly ended: Promise<ScreenEnd>;
}

/** Takes over the terminal: other screen, no cursor, no line wrap, keys read one by one. */
export function openScreen(io: Io): ScreenSession {
  const stack = new DisposableStack();
  const { promise: ended, resolve } = Promise.withResolvers<ScreenEnd>();
  stack.use(takeScreen(io));
  if (io.stdin.isTerminal) stack.use(readKeys(io, resolve));
  return { ended, [Symbol.dispose]: () => stack.dispose() };
}

/** Takes over what is shown, and leaves the keys to the caller: other screen, no cursor, no line wrap. */
export function takeScreen(io: Io): Disposable {
  io.stdout.write(ENTER);
  return { [Symbol.dispose]: () => io.stdout.write(LEAVE) };
}

/** Which end a chunk of keys asks for. A lone Esc does; one that begins a sequence (an arrow, Alt with a key, a mouse report)
 *  does not, wherever in the chunk it stands. */
function endAskedBy(keys: string): ScreenEnd | undefined {
  const alone = keys.replace(SEQUENCE, "");
  if (alone.includes("\x03")) return "interrupted";
  return /[qQ\x1b]/.test(alone) ? "quit" : undefined;
}

// A pasted text with its brackets, CSI, SS3, or Esc before any other key.
const SEQUENCE = /\x1b(?:\[200~.*?(?:\x1b\[201~|$)|\[[0-?]*[ -/]*[@-~]|O.|[^\x1b])/gs;

function readKeys(io: Io, end: (why: ScreenEnd) => void): Disposable {
  const closed = new AbortController();
  let pendingEscape: AbortController | undefined;
  const keys = io.stdin.openKeys((chunk) => {
    if (pendingEscape) {
      // What follows an Esc at once belongs to it: a slow line may cut a sequence in two.
      pendingEscape.abort();
      pendingEscape = undefined;
      return;
    }
    if (chunk !== "\x1b") {
      const why = endAskedBy(chunk);
      if (why) end(why);
      return;
    }
    const waiting = new AbortController();
    pendingEscape = waiting;
    void io.clock.sleep(ESCAPE_PAUSE_MS, AbortSignal.any([waiting.signal, closed.signal])).then(() => {
      if (!waiting.signal.aborted && !closed.signal.aborted) end("quit");
    });
  });
  return {
    [Symbol.dispose]() {
      closed.abort();
      keys[Symbol.dispose]();
    },
  };
}

/** The rest of a sequence follows its Esc well within this, also over a slow line; a person's next key does not. */
const ESCAPE_PAUSE_MS = 50;

const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

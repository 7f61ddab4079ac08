import type { Io } from "../io/io.ts";

/** What a person pressed, by name; a `text` is one character. */
export type Key =
  | { readonly name: "up" | "down" | "page-up" | "page-down" | "home" | "end" | "enter" | "escape" | "backspace" | "interrupt" }
  | { readonly name: "text" | "paste"; readonly text: string };

/** The rest of a sequence follows its Esc well within this, also over a slow line; a person's next key does not. */
const ESCAPE_PAUSE_MS = 50;

/** Reads keys from the terminal until disposed. A paste is one key, so that no letter of it is taken for a command. */
export function readKeys(io: Io, onKey: (key: Key) => void): Disposable {
  const closed = new AbortController();
  let pending = "";
  let pause: AbortController | undefined;
  const take = (isLast: boolean) => {
    const { keys, rest } = keysIn(pending, isLast);
    pending = rest;
    for (const key of keys) if (!closed.signal.aborted) onKey(key);
  };
  io.stdout.write(PASTES_MARKED);
  const reading = io.stdin.openKeys((chunk) => {
    pause?.abort();
    pending += chunk;
    take(false);
    if (pending === "" || pending.startsWith(PASTE)) return;
    const waiting = new AbortController();
    pause = waiting;
    const until = AbortSignal.any([waiting.signal, closed.signal]);
    void io.clock.sleep(ESCAPE_PAUSE_MS, until).then(() => {
      if (!until.aborted) take(true);
    });
  });
  return {
    [Symbol.dispose]() {
      closed.abort();
      reading[Symbol.dispose]();
      io.stdout.write(PASTES_PLAIN);
    },
  };
}

/** Names the keys in what the terminal sent.
 *  @param isLast nothing more belongs to it: an Esc at its end is one that was pressed
 *  @returns the keys, and what may be the beginning of one more */
export function keysIn(sent: string, isLast: boolean): { keys: Key[]; rest: string } {
  const keys: Key[] = [];
  let at = 0;
  while (at < sent.length) {
    const next = keyAt(sent, at, isLast);
    if (next === undefined) return { keys, rest: sent.slice(at) };
    if (next.key) keys.push(next.key);
    at += next.length;
  }
  return { keys, rest: "" };
}

interface NextKey {
  /** Undefined: no key that means anything here. */
  readonly key: Key | undefined;
  readonly length: number;
}

function keyAt(sent: string, at: number, isLast: boolean): NextKey | undefined {
  const rest = sent.slice(at);
  if (rest.startsWith(PASTE)) {
    const end = rest.indexOf(PASTE_END);
    if (end < 0) return undefined;
    return { key: { name: "paste", text: rest.slice(PASTE.length, end) }, length: end + PASTE_END.length };
  }
  if (rest.startsWith("\x1b")) return escapeAt(rest, isLast);
  const control = CONTROLS[rest[0] ?? ""];
  if (control) return { key: { name: control }, length: 1 };
  // One character at a time: keys that are pressed quickly come together.
  const text = String.fromCodePoint(sent.codePointAt(at) ?? 0);
  return { key: text < " " || text === "\x7f" ? undefined : { name: "text", text }, length: text.length };
}

function escapeAt(rest: string, isLast: boolean): NextKey | undefined {
  const [sequence] = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O\x1b])/s.exec(rest) ?? [];
  if (sequence === undefined) {
    // Two at once: the first was pressed alone.
    if (isLast || rest.startsWith("\x1b\x1b")) return { key: { name: "escape" }, length: 1 };
    return undefined;
  }
  const name = SEQUENCES[sequence];
  return { key: name && { name }, length: sequence.length };
}

type NamedKey = Exclude<Key["name"], "text" | "paste">;

const CONTROLS: Readonly<Record<string, NamedKey>> = {
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x03": "interrupt",
};

const SEQUENCES: Readonly<Record<string, NamedKey>> = {
  ...{ "\x1b[A": "up", "\x1bOA": "up", "\x1b[B": "down", "\x1bOB": "down" },
  ...{ "\x1b[5~": "page-up", "\x1b[6~": "page-down" },
  ...{ "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end" },
};

const PASTE = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const PASTES_MARKED = "\x1b[?2004h";
const PASTES_PLAIN = "\x1b[?2004l";

import type { CallerName } from "./caller-name.ts";

/** A caller and what it does now. Times are those of the roll's own clock, in ms. */
export interface CallerSeen {
  readonly name: CallerName;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastMethod: string;
  readonly calls: number;
  /** Streams that are open now, by rpc. */
  readonly streams: Readonly<Record<string, number>>;
}

/** Somebody at an agent's terminal. */
export interface TerminalSeen {
  readonly name: CallerName;
  /** As it was named in the call. */
  readonly agent: { readonly tenantId: string; readonly host: string; readonly name: string };
  readonly mode: "attached" | "watching" | "following";
  /** As it says itself; empty: not said. */
  readonly label: string;
  readonly sinceMs: number;
}

/** What a stream shows of an agent's terminal. */
export type AtTerminal = Pick<TerminalSeen, "agent" | "mode" | "label">;

/** Callers that are remembered; some 300 bytes each. */
const MAX_CALLERS = 1000;
/** How long one that has nothing open is remembered after its last call, in ms. */
const FORGET_MS = 600_000;

type Mutable = { -readonly [K in keyof CallerSeen]: CallerSeen[K] } & { streams: Record<string, number> };

/** Who calls a daemon: whoever has a stream open, and who called within 10 min, 1,000 at most. */
export class CallerRoll {
  /** By who it is, whoever called last at the end. */
  readonly #callers = new Map<string, Mutable>();
  readonly #terminals = new Set<TerminalSeen>();
  readonly #monotonicMs: () => number;

  /** @param monotonicMs time since some moment, in ms. Default: the process's own */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** Notes a call. */
  note(name: CallerName, method: string): void {
    const nowMs = this.#monotonicMs();
    const key = keyOf(name);
    const known = this.#callers.get(key) ?? { name, firstMs: nowMs, lastMs: nowMs, lastMethod: method, calls: 0, streams: {} };
    Object.assign(known, { lastMs: nowMs, lastMethod: method, calls: known.calls + 1 });
    this.#callers.delete(key);
    this.#callers.set(key, known);
    if (this.#callers.size > MAX_CALLERS) this.#forgetOne();
  }

  /** Notes a stream that is open until what is returned is disposed. */
  open(name: CallerName, method: string, at?: AtTerminal): Disposable {
    const caller = this.#callers.get(keyOf(name));
    const terminal = at && this.enter(name, at);
    if (caller) caller.streams[method] = (caller.streams[method] ?? 0) + 1;
    return {
      [Symbol.dispose]: () => {
        terminal?.[Symbol.dispose]();
        if (!caller) return;
        const left = (caller.streams[method] ?? 1) - 1;
        if (left > 0) caller.streams[method] = left;
        else delete caller.streams[method];
        caller.lastMs = this.#monotonicMs();
      },
    };
  }

  /** Notes somebody at a terminal until what is returned is disposed. */
  enter(name: CallerName, at: AtTerminal): Disposable {
    const terminal = { ...at, name, sinceMs: this.#monotonicMs() };
    this.#terminals.add(terminal);
    return { [Symbol.dispose]: () => void this.#terminals.delete(terminal) };
  }

  /** Those with open streams first, then whoever called last. */
  callers(): readonly CallerSeen[] {
    const nowMs = this.#monotonicMs();
    for (const [key, caller] of this.#callers)
      if (!isServed(caller) && nowMs - caller.lastMs > FORGET_MS) this.#callers.delete(key);
    const order = (caller: CallerSeen) => (isServed(caller) ? 0 : 1);
    return [...this.#callers.values()].sort((a, b) => order(a) - order(b) || b.lastMs - a.lastMs);
  }

  terminals(): readonly TerminalSeen[] {
    return [...this.#terminals];
  }

  /** How long ago a time of this roll was, in ms. */
  ageOf(ms: number): number {
    return Math.max(0, Math.round(this.#monotonicMs() - ms));
  }

  // Whoever has nothing open and called longest ago.
  #forgetOne(): void {
    const [first] = this.#callers.keys();
    for (const [key, caller] of this.#callers) if (!isServed(caller)) return void this.#callers.delete(key);
    if (first !== undefined) this.#callers.delete(first);
  }
}

function isServed({ streams }: CallerSeen): boolean {
  for (const _method in streams) return true;
  return false;
}

function keyOf({ subject, kind, carrier, relayedBy }: CallerName): string {
  return `${subject} ${kind} ${carrier} ${relayedBy}`;
}

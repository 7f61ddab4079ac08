import type { Happening } from "./fleet-event.ts";

/** A happening, and how often it happened. */
export interface Counted {
  readonly happening: Happening;
  readonly count: number;
}

/** How long what flaps is held together, in ms. */
const WINDOW_MS = 60_000;
/** How many changes of the same thing are told each for itself within that time. */
const TOLD_EACH = 5;

interface Window {
  readonly endsAtMs: number;
  told: number;
  held: Happening | undefined;
  count: number;
}

/** Holds what flaps together: of changes of the same thing (an agent's state, a host's, a condition) the first five within a minute
 *  are told at once, and all others when the minute is over, as one: from what it was to what it is at last, with their count. */
export class Conflation {
  readonly #windows = new Map<string, Window>();

  /** @returns what is to be told now: the happening, or nothing while it is held */
  take(happening: Happening, nowMs: number): Counted[] {
    const due = this.due(nowMs);
    const key = [thingOf(happening), happening.tenantId, happening.host, happening.agent].join("\n");
    const window = this.#windows.get(key) ?? { endsAtMs: nowMs + WINDOW_MS, told: 0, held: undefined, count: 0 };
    this.#windows.set(key, window);
    if (window.told < TOLD_EACH) {
      window.told += 1;
      return [...due, { happening, count: 1 }];
    }
    // What it came from first, and what it is at last.
    window.held = { ...happening, from: window.held?.from ?? happening.from };
    window.count += 1;
    return due;
  }

  /** What was held and whose minute is over. */
  due(nowMs: number): Counted[] {
    const due: Counted[] = [];
    // In the order in which they began, which is that of their ends.
    for (const [key, { endsAtMs, held, count }] of this.#windows) {
      if (endsAtMs > nowMs) break;
      this.#windows.delete(key);
      if (held) due.push({ happening: held, count });
    }
    return due;
  }

  /** Everything that is held, at the end. */
  rest(): Counted[] {
    return this.due(Number.POSITIVE_INFINITY);
  }

  /** When something that is held has to be told; undefined: nothing is held. */
  get nextDueMs(): number | undefined {
    for (const { held, endsAtMs } of this.#windows.values()) if (held) return endsAtMs;
    return undefined;
  }
}

// What comes and goes is one thing, so that the last word is how it is. Messages are many, and each comes to one end.
function thingOf({ kind, to }: Happening): string {
  if (kind === "agent.stale" || kind === "agent.fresh") return "heartbeat";
  if (kind.startsWith("condition.")) return `condition ${to}`;
  return kind.startsWith("message.") ? kind : kind.slice(0, kind.indexOf("."));
}

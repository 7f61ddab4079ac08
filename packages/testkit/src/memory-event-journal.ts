import { type EventJournal, type FleetEvent, type Happening, newEventId } from "@mosaic/core";

/** An event journal in memory, of which each happening is an event of its own. */
export class MemoryEventJournal implements EventJournal {
  /** Oldest first. */
  readonly events: FleetEvent[] = [];
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  readonly #before: readonly FleetEvent[];

  /** @param before what was kept in an earlier life */
  constructor(before: readonly FleetEvent[] = []) {
    this.#before = before;
    this.events.push(...before);
  }

  record(happening: Happening): void {
    const id = newEventId(this.events.at(-1)?.id ?? "", Date.now(), Math.random);
    const event = { ...happening, id, atUnixMs: Date.now(), count: 1 };
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  takeBefore(): readonly FleetEvent[] {
    return this.#before;
  }

  onRecorded(listener: (event: FleetEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async *readBack(): AsyncGenerator<FleetEvent> {
    yield* this.events.toReversed();
  }
}

/** Something that will happen, unless it is cancelled before. */
export interface SimEvent {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** The one time of a simulated world. Events happen one after the other, at the moment they are for and in the order they were
 *  asked for; all that follows from one by itself has happened before the next. */
export class SimTime {
  #nowMs = 0;
  #asked = 0;
  /** A binary heap, the next event first. */
  readonly #events: SimEvent[] = [];
  /** Events that happened so far, and how many there may be. */
  count = 0;
  readonly #most: number;

  constructor(most = MOST_EVENTS) {
    this.#most = most;
  }

  /** Time since the world began, in ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Asks for something to happen at a moment; what is in the past happens next. */
  at(atMs: number, run: () => void): SimEvent {
    this.#asked += 1;
    const event: SimEvent = { atMs: Math.max(atMs, this.#nowMs), order: this.#asked, run };
    this.#push(event);
    return event;
  }

  after(ms: number, run: () => void): SimEvent {
    return this.at(this.#nowMs + ms, run);
  }

  /** Lets everything happen that is for the time up to `endMs`.
   *  @throws Error when a world never comes to rest */
  async runUntil(endMs: number): Promise<void> {
    for (let next = this.#events[0]; next && next.atMs <= endMs; next = this.#events[0]) {
      this.#pop();
      if (!next.run) continue;
      this.#nowMs = next.atMs;
      this.count += 1;
      if (this.count > this.#most)
        throw new Error(`after ${this.#most} events the world is still at ${Math.round(this.#nowMs)} ms`);
      next.run();
      // One turn of the event loop does all promise jobs: nothing in a simulated world waits for anything else.
      await nextTurn();
    }
    this.#nowMs = endMs;
  }

  #push(event: SimEvent): void {
    const heap = this.#events;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent] as SimEvent)) break;
      heap[index] = heap[parent] as SimEvent;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop() as SimEvent;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as SimEvent, heap[child] as SimEvent)) child += 1;
      if (!isBefore(heap[child] as SimEvent, last)) break;
      heap[index] = heap[child] as SimEvent;
      index = child;
    }
    heap[index] = last;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Far more than any world needs that does not chase its own tail. */
const MOST_EVENTS = 60_000;

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** How many may be in at the same time. */
export interface SlotLimits {
  readonly total: number;
  /** Of one group. */
  readonly perGroup: number;
  /** Of one key within all groups. */
  readonly perKey: number;
}

interface Waiting {
  readonly key: unknown;
  readonly enter: () => void;
}

/** Lets a limited number in at a time, and serves groups in turn: one with a thousand waiting delays another by no more than what
 *  is in already. Within a group it is first come, first served. */
export class FairSlots {
  readonly #limits: SlotLimits;
  #inUse = 0;
  readonly #byGroup = new Map<string, number>();
  readonly #byKey = new Map<unknown, number>();
  /** Groups in the order of their turns. */
  readonly #queues = new Map<string, Set<Waiting>>();

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** How many are in, and how many wait. */
  get counts(): { readonly inUse: number; readonly waiting: number } {
    return { inUse: this.#inUse, waiting: [...this.#queues.values()].reduce((sum, queue) => sum + queue.size, 0) };
  }

  /** Waits for a place.
   *  @param signal ends the waiting
   *  @returns what gives the place back when disposed; undefined when the signal was first */
  async enter(group: string, key: unknown, signal: AbortSignal): Promise<Disposable | undefined> {
    if (signal.aborted) return undefined;
    const isIn = await new Promise<boolean>((resolve) => {
      const give = () => {
        this.#leaveQueue(group, waiting);
        resolve(false);
      };
      const waiting: Waiting = {
        key,
        enter: () => {
          signal.removeEventListener("abort", give);
          resolve(true);
        },
      };
      signal.addEventListener("abort", give, { once: true });
      this.#queue(group).add(waiting);
      this.#admit();
    });
    return isIn ? this.#place(group, key) : undefined;
  }

  #place(group: string, key: unknown): Disposable {
    let isBack = false;
    return {
      [Symbol.dispose]: () => {
        if (isBack) return;
        isBack = true;
        this.#inUse -= 1;
        add(this.#byGroup, group, -1);
        add(this.#byKey, key, -1);
        this.#admit();
      },
    };
  }

  #admit(): void {
    while (this.#inUse < this.#limits.total) {
      const next = this.#next();
      if (!next) return;
      const { group, waiting } = next;
      this.#leaveQueue(group, waiting);
      // Its group's next turn comes after all others'.
      const queue = this.#queues.get(group);
      if (queue && this.#queues.delete(group)) this.#queues.set(group, queue);
      this.#inUse += 1;
      add(this.#byGroup, group, 1);
      add(this.#byKey, waiting.key, 1);
      waiting.enter();
    }
  }

  #next(): { group: string; waiting: Waiting } | undefined {
    for (const [group, queue] of this.#queues) {
      if ((this.#byGroup.get(group) ?? 0) >= this.#limits.perGroup) continue;
      for (const waiting of queue) if ((this.#byKey.get(waiting.key) ?? 0) < this.#limits.perKey) return { group, waiting };
    }
    return undefined;
  }

  #queue(group: string): Set<Waiting> {
    const queue = this.#queues.get(group) ?? new Set();
    this.#queues.set(group, queue);
    return queue;
  }

  #leaveQueue(group: string, waiting: Waiting): void {
    const queue = this.#queues.get(group);
    queue?.delete(waiting);
    if (queue?.size === 0) this.#queues.delete(group);
  }
}

function add<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

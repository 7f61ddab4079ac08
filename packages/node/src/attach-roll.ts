import type { Clock } from "@mosaic/core";

/** Who typed into an agent's terminal last, and when, in ms of the host's wall clock. */
export interface LastTyped {
  readonly label: string;
  readonly atUnixMs: number;
}

/** Who is attached to which agent now. */
export class AttachRoll {
  /** Source labels by attach id, by agent. */
  readonly #attached = new Map<string, Map<string, string>>();
  readonly #unended = new Set<Promise<void>>();
  readonly #lastTyped = new Map<string, LastTyped>();
  readonly #typedAt = new Map<string, number>();
  readonly #listeners = new Set<(agentName: string) => void>();

  /** Enters somebody.
   *  @param ended resolves when all is done that belongs to the takeover, its record above all
   *  @returns the labels of the others, oldest first */
  enter(agentName: string, attachId: string, label: string, ended: Promise<void>): string[] {
    const here = this.#attached.get(agentName) ?? new Map<string, string>();
    const others = [...here.values()];
    this.#attached.set(agentName, here.set(attachId, label));
    this.#unended.add(ended);
    void ended.then(() => this.#unended.delete(ended));
    for (const listener of this.#listeners) listener(agentName);
    return others;
  }

  /** True while anybody is attached to the agent. */
  isAttached(agentName: string): boolean {
    return this.#attached.has(agentName);
  }

  /** Calls back after somebody attached. */
  onEnter(listener: (agentName: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  leave(agentName: string, attachId: string): void {
    const here = this.#attached.get(agentName);
    here?.delete(attachId);
    if (here?.size !== 0) return;
    this.#attached.delete(agentName);
    this.#lastTyped.delete(agentName);
  }

  /** Notes that somebody who is attached typed just now. */
  noteTyped(agentName: string, label: string, atUnixMs: number): void {
    this.#typedAt.set(agentName, atUnixMs);
    if (this.#attached.has(agentName)) this.#lastTyped.set(agentName, { label, atUnixMs });
  }

  /** When anybody typed last, whether they are still attached or not; undefined: nobody did. */
  typedAtUnixMs(agentName: string): number | undefined {
    return this.#typedAt.get(agentName);
  }

  /** Of those who are attached; undefined: nobody is, or nobody typed. */
  lastTyped(agentName: string): LastTyped | undefined {
    return this.#lastTyped.get(agentName);
  }

  /** Resolves when every takeover that has begun has ended, or after `atMostMs`. */
  async allEnded(clock: Clock, atMostMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([Promise.all(this.#unended), clock.sleep(atMostMs, over.signal)]);
    over.abort();
  }
}

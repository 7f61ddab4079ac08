/** What an experiment did to which host, on the monotonic clock of its own process: since when nothing new of a host can have
 *  come to who answers. */
export class FaultLedger {
  readonly #silentSinceMs = new Map<string, number>();

  /** True while any host is faulted, or the answerer itself is. */
  get isFaulted(): boolean {
    return this.#silentSinceMs.size > 0 || this.isAnswererFaulted;
  }

  /** Set while the one who answers is killed or stopped, and for as long as it takes to be itself again. */
  isAnswererFaulted = false;

  /** From now on nothing comes from these hosts. Call it after the fault is there. */
  silence(hosts: Iterable<string>): void {
    for (const host of hosts) if (!this.#silentSinceMs.has(host)) this.#silentSinceMs.set(host, performance.now());
  }

  /** From now on something may come from them again. Call it before the fault is taken away. */
  release(hosts: Iterable<string>): void {
    for (const host of hosts) this.#silentSinceMs.delete(host);
  }

  /** Since when nothing can have come from a host; undefined: it may be heard. */
  silentSinceMs(host: string): number | undefined {
    return this.#silentSinceMs.get(host);
  }

  get silent(): readonly string[] {
    return [...this.#silentSinceMs.keys()];
  }
}

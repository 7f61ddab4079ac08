import type { Clock, Lease, LeaseStore } from "@mosaic/core";

/** What outlives a lease store in memory, so that several in a test can share it. */
export interface MemoryLeases {
  readonly held: Map<string, Lease>;
  lastToken: number;
}

/** Nothing held, nothing given. */
export function memoryLeases(): MemoryLeases {
  return { held: new Map(), lastToken: 0 };
}

/** Keeps leases in memory, by the same rules as the real stores: for tests of what uses one. */
export function memoryLeaseStore(clock: Pick<Clock, "nowUnixMs">, leases = memoryLeases()): LeaseStore {
  return {
    async acquire(name, holder, ttlMs, signal) {
      signal.throwIfAborted();
      const nowUnixMs = clock.nowUnixMs();
      const found = leases.held.get(name);
      const current = found && found.endsAtUnixMs > nowUnixMs ? found : undefined;
      if (current && current.holder !== holder) return undefined;
      if (!current) leases.lastToken += 1;
      const lease: Lease = { name, holder, token: current?.token ?? leases.lastToken, endsAtUnixMs: nowUnixMs + ttlMs };
      leases.held.set(name, lease);
      return lease;
    },
    async release({ name, token }, signal) {
      signal.throwIfAborted();
      if (leases.held.get(name)?.token === token) leases.held.delete(name);
    },
  };
}

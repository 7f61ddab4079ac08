import type { Clock, FileStore, Lease, LeaseStore } from "@mosaic/core";
import { JsonState } from "./json-state.ts";

export interface OpenLeaseStoreOptions {
  /** Keeps the last token given, for example `$MOSAIC_HOME/fleet/leases.json`; made with the first lease. */
  readonly path: string;
  readonly files: FileStore;
  readonly clock: Clock;
}

interface Held {
  readonly lease: Lease;
  readonly endsAtMonotonicMs: number;
}

/** Opens the leases of one process that shares them with nobody: what it holds ends with it, and its tokens rise for good. */
export function openLeaseStore({ path, files, clock }: OpenLeaseStoreOptions): LeaseStore {
  const empty = { lastToken: 0 };
  const state = new JsonState({ path, files, what: "last lease", schema: "mosaic.leases.v1", empty, parse: parseKept });
  const held = new Map<string, Held>();
  const holderOf = (name: string) => {
    const found = held.get(name);
    return found && found.endsAtMonotonicMs > clock.monotonicMs() ? found.lease : undefined;
  };
  return {
    async acquire(name, holder, ttlMs, signal) {
      signal.throwIfAborted();
      return await state.change(({ lastToken }) => {
        const current = holderOf(name);
        if (current && current.holder !== holder) return { done: () => undefined };
        const token = current?.token ?? lastToken + 1;
        const done = () => {
          const lease: Lease = { name, holder, token, endsAtUnixMs: clock.nowUnixMs() + ttlMs };
          held.set(name, { lease, endsAtMonotonicMs: clock.monotonicMs() + ttlMs });
          return lease;
        };
        return current ? { done } : { done, value: { lastToken: token } };
      });
    },
    async release({ name, token }, signal) {
      signal.throwIfAborted();
      if (held.get(name)?.lease.token === token) held.delete(name);
    },
  };
}

function parseKept(value: unknown): { lastToken: number } {
  const { lastToken } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(lastToken)) throw new Error("it must have lastToken");
  return { lastToken: Number(lastToken) };
}

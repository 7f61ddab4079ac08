import assert from "node:assert/strict";
import type { Lease, LeaseStore } from "@mosaic/core";
import { eventually } from "./eventually.ts";

/** A lease store, over tokens that outlive it. */
export interface LeaseStoreSubject {
  /** Opens it over what the one before left. */
  open(): Promise<LeaseStore>;
}

/** One promise of {@link LeaseStore}, and how to see whether an implementation keeps it. */
export interface LeaseStoreCase {
  /** A claim, unique among the cases. */
  readonly name: string;
  /** @throws when the promise is broken */
  readonly run: (subject: LeaseStoreSubject) => Promise<void>;
}

const NOW = new AbortController().signal;
/** Longer than any case takes. */
const LONG_MS = 600_000;

async function take(store: LeaseStore, name: string, holder: string, ttlMs = LONG_MS): Promise<Lease> {
  const lease = await store.acquire(name, holder, ttlMs, NOW);
  if (lease === undefined) throw new Error(`${holder} did not get ${name}`);
  return lease;
}

/** What every LeaseStore promises, whatever keeps its leases. */
export const leaseStoreCases: readonly LeaseStoreCase[] = [
  {
    name: "a lease that is free is given, and to nobody else while it is held",
    async run(subject) {
      const store = await subject.open();
      const lease = await take(store, "carry", "a");
      assert.deepEqual([lease.name, lease.holder, lease.token > 0], ["carry", "a", true]);
      assert.equal(await store.acquire("carry", "b", LONG_MS, NOW), undefined);
      assert.equal((await take(store, "other", "b")).holder, "b");
    },
  },
  {
    name: "of many at the same time one gets it",
    async run(subject) {
      const store = await subject.open();
      const holders = Array.from({ length: 12 }, (_, index) => `h-${index}`);
      const leases = await Promise.all(holders.map((holder) => store.acquire("carry", holder, LONG_MS, NOW)));
      assert.equal(leases.filter((lease) => lease !== undefined).length, 1);
    },
  },
  {
    name: "who holds it and asks again has it for longer, with the same token",
    async run(subject) {
      const store = await subject.open();
      const first = await take(store, "carry", "a", LONG_MS / 2);
      const second = await take(store, "carry", "a");
      assert.equal(second.token, first.token);
      assert.ok(second.endsAtUnixMs > first.endsAtUnixMs);
    },
  },
  {
    name: "one that was given back is free at once, and its token does not come again",
    async run(subject) {
      const store = await subject.open();
      const first = await take(store, "carry", "a");
      await store.release(first, NOW);
      const second = await take(store, "carry", "b");
      assert.ok(second.token > first.token);
      // It is not the first one's any more.
      await store.release(first, NOW);
      assert.equal(await store.acquire("carry", "a", LONG_MS, NOW), undefined);
    },
  },
  {
    name: "one that is over is free, and whoever takes it has a higher token",
    async run(subject) {
      const store = await subject.open();
      const first = await take(store, "carry", "a", 30);
      const second = await eventually("it is over", () => store.acquire("carry", "b", 30, NOW));
      assert.ok(second.token > first.token);
      const third = await eventually("it is over again", () => store.acquire("carry", "a", LONG_MS, NOW));
      assert.ok(third.token > second.token);
    },
  },
  {
    name: "tokens rise over names and over openings",
    async run(subject) {
      const tokens: number[] = [];
      for (const name of ["one", "two", "three"]) {
        const store = await subject.open();
        const lease = await take(store, name, "a");
        tokens.push(lease.token);
        await store.release(lease, NOW);
      }
      assert.deepEqual(
        tokens,
        [...new Set(tokens)].sort((a, b) => a - b),
      );
    },
  },
  {
    name: "who gave up gets no lease",
    async run(subject) {
      const store = await subject.open();
      await assert.rejects(store.acquire("carry", "a", LONG_MS, AbortSignal.abort()));
      assert.equal((await take(store, "carry", "b")).holder, "b");
    },
  },
];

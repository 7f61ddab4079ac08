import { describe, test } from "node:test";
import { leaseStoreCases } from "./lease-store-cases.ts";
import { memoryLeaseStore, memoryLeases } from "./memory-lease-store.ts";
import { realClock } from "./real-clock.ts";

describe("the lease store in memory", () => {
  for (const { name, run } of leaseStoreCases) {
    test(name, async () => {
      const leases = memoryLeases();
      await run({ open: async () => memoryLeaseStore(realClock, leases) });
    });
  }
});

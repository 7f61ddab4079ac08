import { describe, test } from "node:test";
import { membershipStoreCases } from "./membership-store-cases.ts";
import { type MemoryMembershipStore, memoryMembership, memoryMembershipStore } from "./memory-membership-store.ts";

describe("membership in memory", () => {
  for (const { name, run } of membershipStoreCases) {
    test(name, async () => {
      const membership = memoryMembership();
      const opened: MemoryMembershipStore[] = [];
      let refusal: string | undefined;
      await run({
        async open() {
          const store = memoryMembershipStore(membership);
          store.writeRefusal = refusal;
          opened.push(store);
          return store;
        },
        isShared: true,
        setWritable(isWritable) {
          refusal = isWritable ? undefined : "disk full";
          for (const store of opened) store.writeRefusal = refusal;
        },
      });
    });
  }
});

import { describe, test } from "node:test";
import { type MemoryMessageStore, memoryMessageStore, memoryRecords } from "./memory-message-store.ts";
import { messageStoreCases } from "./message-store-cases.ts";

describe("the message store in memory", () => {
  for (const { name, run } of messageStoreCases) {
    test(name, async () => {
      const records = memoryRecords();
      let store: MemoryMessageStore | undefined;
      await run({
        async open(limits) {
          store = memoryMessageStore({ records, ...limits });
          return store;
        },
        setWritable(isWritable) {
          if (store) store.refusal = isWritable ? undefined : "no space is left";
        },
      });
    });
  }
});

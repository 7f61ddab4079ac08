import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { messageStoreCases } from "@mosaic/testkit";
import { temporaryStore } from "./temporary-store-for-tests.ts";

describe("the message store in a file", () => {
  for (const { name, run } of messageStoreCases) {
    test(name, async (context) => {
      const { path, open } = temporaryStore(context);
      let other: DatabaseSync | undefined;
      await run({
        open: (limits = {}) => open({ limits, busyTimeoutMs: 10 }),
        setWritable(isWritable) {
          other?.close();
          if (isWritable || !existsSync(path)) return;
          // Somebody else who writes and does not come to an end.
          other = new DatabaseSync(path);
          other.exec("BEGIN IMMEDIATE");
        },
      });
    });
  }
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Clock } from "@mosaic/core";
import { type OpenMessageStoreOptions, openMessageStore } from "./open-message-store.ts";

/** The machine's time, with quick looks after trouble. */
const clock: Clock = {
  nowUnixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
    }),
};

/** A folder for a store, gone after the test, and how to open one there. */
export function temporaryStore(context: Pick<TestContext, "after">, within = tmpdir()) {
  const folder = mkdtempSync(join(within, "mosaic-store-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "messages/inbox.db");
  const open = (options: Partial<OpenMessageStoreOptions> = {}) =>
    openMessageStore({ path, clock, retryMs: 20, minFreeShare: 0, minFreeBytes: 0, ...options });
  return { folder, path, open };
}

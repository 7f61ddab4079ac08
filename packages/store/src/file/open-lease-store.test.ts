import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileStore } from "@mosaic/host";
import { leaseStoreCases, realClock } from "@mosaic/testkit";
import { openLeaseStore } from "./open-lease-store.ts";

describe("leases of one process", () => {
  for (const { name, run } of leaseStoreCases) {
    test(name, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), "mosaic-leases-"));
      context.after(() => rmSync(folder, { recursive: true, force: true }));
      await run({
        open: async () => openLeaseStore({ path: join(folder, "leases.json"), files: fileStore(), clock: realClock }),
      });
    });
  }
});

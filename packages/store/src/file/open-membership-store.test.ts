import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type FileStore, MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { aRecord, membershipStoreCases } from "@mosaic/testkit";
import { openMembershipStore } from "./open-membership-store.ts";

const NOW = new AbortController().signal;

function temporaryFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-membership-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "fleet/membership.json");
}

describe("membership in a file", () => {
  for (const { name, run } of membershipStoreCases) {
    test(name, async (context) => {
      const path = temporaryFile(context);
      let isFull = false;
      const files: FileStore = {
        ...fileStore(),
        write: (...args) => (isFull ? Promise.reject(new MosaicError("MACHINE", "disk full")) : fileStore().write(...args)),
      };
      await run({
        open: async () => openMembershipStore({ path, files }),
        isShared: false,
        setWritable(isWritable) {
          isFull = !isWritable;
        },
      });
    });
  }

  const strange: [name: string, text: string, why: RegExp][] = [
    ["is cut off", '{"schema": "mosaic.membership.v1", "rev": 1, "rec', /JSON/],
    ["a newer Mosaic made", '{"schema": "mosaic.membership.v2"}', /mosaic\.membership\.v2.*knows "mosaic\.membership\.v1"/],
    ["is empty", "", /JSON/],
    ["holds something else", '{"schema": "mosaic.membership.v1", "rev": 1, "records": [{}]}', /record 1/],
  ];
  for (const [name, text, why] of strange) {
    test(`a file that ${name} is left as it is, refused by name, and used again when it is mended`, async (context) => {
      const path = temporaryFile(context);
      await using good = openMembershipStore({ path, files: fileStore() });
      await good.put(aRecord(), NOW);
      const mended = readFileSync(path, "utf8");
      writeFileSync(path, text);
      await using store = openMembershipStore({ path, files: fileStore() });
      const isRefusal = (thrown: unknown) =>
        thrown instanceof MosaicError && thrown.code === "STORE_UNAVAILABLE" && why.test(thrown.message);
      await assert.rejects(store.list(NOW), isRefusal);
      await assert.rejects(store.put(aRecord({ name: "beta" }), NOW), isRefusal);
      assert.equal(readFileSync(path, "utf8"), text);
      writeFileSync(path, mended);
      assert.equal((await store.list(NOW)).records.length, 1);
    });
  }

  test("is readable by its owner only", async (context) => {
    const path = temporaryFile(context);
    await using store = openMembershipStore({ path, files: fileStore() });
    const stored = await store.put(aRecord(), NOW);
    chmodSync(path, 0o644);
    await store.put(aRecord({ rev: stored?.rev ?? 0 }), NOW);
    const { mode } = await import("node:fs").then(({ statSync }) => statSync(path));
    assert.equal(mode & 0o777, 0o600);
  });
});

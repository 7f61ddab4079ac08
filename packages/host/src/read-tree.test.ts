import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readTree } from "./read-tree.ts";

const folder = mkdtempSync(join(tmpdir(), "mosaic-tree-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("wanted files are read by their path below the folder; links and folders are not files", async () => {
  mkdirSync(join(folder, "b/c"), { recursive: true });
  writeFileSync(join(folder, "b/c/two.txt"), "2");
  writeFileSync(join(folder, "one.txt"), "1");
  writeFileSync(join(folder, "one.test.txt"), "-");
  symlinkSync(join(folder, "one.txt"), join(folder, "link.txt"));
  const read = await readTree(folder, (path) => !path.includes(".test."));
  assert.deepEqual(
    [...read],
    [
      ["b/c/two.txt", "2"],
      ["one.txt", "1"],
    ],
  );
});

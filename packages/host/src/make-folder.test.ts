import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./make-folder.ts";

test("folders are made for their owner alone, and made again without complaint", async (context) => {
  const home = await mkdtemp(join(tmpdir(), "mosaic-make-folder-"));
  context.after(() => rm(home, { recursive: true }));
  for (let round = 0; round < 2; round += 1) {
    await makeFolder(join(home, "a/b"));
    for (const path of ["a", "a/b"]) assert.equal((await stat(join(home, path))).mode & 0o777, 0o700);
  }
  await writeFile(join(home, "file"), "");
  await assert.rejects(makeFolder(join(home, "file/below")), { code: "ENOTDIR" });
});

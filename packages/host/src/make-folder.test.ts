import assert from "node:assert/strict";
import { existsSync } from "node:fs";
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

test("the topmost folder that was made is told, and none when all are there", async (context) => {
  const home = await mkdtemp(join(tmpdir(), "mosaic-make-folder-"));
  context.after(() => rm(home, { recursive: true }));
  assert.equal(await makeFolder(join(home, "a/b/c")), join(home, "a"));
  assert.equal(await makeFolder(join(home, "a/b/d")), join(home, "a/b/d"));
  assert.equal(await makeFolder(join(home, "a/b/d")), undefined);
  await writeFile(join(home, "file"), "");
  await assert.rejects(makeFolder(join(home, "file")), { code: "EEXIST" });
});

test("where the system takes no folder that is said at once", { skip: !existsSync("/proc/self") }, async () => {
  // Node's own way never comes back from here.
  await assert.rejects(makeFolder("/proc/mosaic-has-no-place-here/a/b"), { code: "ENOENT" });
});

test("two that make the same folders at once both succeed", async (context) => {
  const home = await mkdtemp(join(tmpdir(), "mosaic-make-folder-"));
  context.after(() => rm(home, { recursive: true }));
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(home, "a/b/c/d"))));
});

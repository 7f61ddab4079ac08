import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { fileStore } from "./file-store.ts";

const store = fileStore();
let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "mosaic-store-"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("a file is written with its folders and its mode, read back, listed and removed", async () => {
  const path = join(folder, "a b/c.txt");
  await store.write(path, "één\n", 0o600);
  assert.equal(await store.read(path), "één\n");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, "a b"))).mode & 0o777, 0o700);
  assert.deepEqual(await store.list(join(folder, "a b")), ["c.txt"]);
  await store.remove(path);
  await store.remove(path);
  assert.equal(await store.read(path), undefined);
});

test("what is not there is no error, and what can't be read says which file and why", async () => {
  assert.deepEqual(await store.list(join(folder, "none")), []);
  await mkdir(join(folder, "d"));
  await assert.rejects(store.read(join(folder, "d")), (thrown) => {
    assert.ok(thrown instanceof MosaicError);
    assert.match(thrown.message, /cannot read .*\/d: it is a folder/);
    return thrown.code === "MACHINE";
  });
  await assert.rejects(store.write(join(folder, "d"), "x", 0o600), /cannot write .*\/d/);
});

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { inspectStore } from "@mosaic/store";
import { aMessage } from "@mosaic/testkit";
import { temporaryStore } from "./temporary-store-for-tests.ts";

test("a store that is not there is none, and none is made", async (context) => {
  const { path } = temporaryStore(context);
  assert.equal(await inspectStore(path), undefined);
  assert.equal(existsSync(path), false);
});

test("a store in use is not looked into; a sound one tells what waits in it", async (context) => {
  const { path, open } = temporaryStore(context);
  {
    await using store = await open();
    await store.add(aMessage());
    await assert.rejects(inspectStore(path), { code: "ALREADY_RUNNING" });
  }
  const found = await inspectStore(path);
  assert.deepEqual([found?.refusal, found?.passing, found?.readable], [undefined, undefined, 1]);
  assert.deepEqual(
    found?.unfinished.map(({ messageId }) => messageId),
    ["m-1"],
  );
});

test("a damaged one is told with what can be read of it, and is left as it is", async (context) => {
  const { path, open } = temporaryStore(context);
  {
    await using store = await open();
    for (let index = 0; index < 60; index += 1) await store.add(aMessage({ messageId: `m-${index}`, text: "x".repeat(2000) }));
  }
  const bytes = readFileSync(path);
  const page = Math.floor(bytes.length / 4096 / 2) * 4096;
  writeFileSync(path, bytes.fill(0xa5, page, page + 4096));
  const found = await inspectStore(path);
  assert.match(found?.refusal ?? "", /can't be used: it is damaged/);
  assert.ok(found && found.readable >= 20 && found.readable < 60, `${found?.readable} of 60`);
  assert.equal(found.unfinished.length, found.readable);
  assert.ok(bytes.equals(readFileSync(path)));
});

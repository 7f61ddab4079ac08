import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { aMessage } from "@mosaic/testkit";
import { toRecord } from "../message-record.ts";
import { temporaryStore } from "../temporary-store-for-tests.ts";
import { WorkerLink } from "./worker-link.ts";

test("a worker that dies has failed its question in doubt, and the next one is answered by another", async (context) => {
  const { folder } = temporaryStore(context);
  const options = { path: `${folder}/inbox.db`, minFreeShare: 0, minFreeBytes: 0, busyTimeoutMs: 1000 };
  const link = new WorkerLink({ role: "mosaic-message-store", ...options });
  context.after(() => link.close());
  assert.deepEqual(await link.ask({ kind: "open" }), { kind: "done", lowSpace: undefined });
  // Something that it can't survive.
  const answer = await link.ask(null as never);
  assert.ok(answer.kind === "failed" && answer.isDoubtful);
  assert.match(answer.failure.message, /the thread that writes has ended: /);
  const record = toRecord({ ...aMessage(), sequence: 1 });
  assert.deepEqual(await link.ask({ kind: "commit", writes: [{ kind: "add", record }] }), { kind: "done", lowSpace: undefined });
  const database = new DatabaseSync(options.path, { readOnly: true });
  assert.equal(database.prepare("SELECT count(*) AS count FROM message").get()?.["count"], 1);
  database.close();
});

test("while a write waits for the disk, the program goes on", async (context) => {
  const { path, open } = temporaryStore(context);
  await using store = await open({ busyTimeoutMs: 60_000 });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  let isAdded = false;
  const adding = store.add(aMessage()).then(() => {
    isAdded = true;
  });
  let ticks = 0;
  const endMs = performance.now() + 100;
  while (performance.now() < endMs) {
    await new Promise((resolve) => setImmediate(resolve));
    ticks += 1;
  }
  assert.deepEqual([isAdded, ticks > 100], [false, true], `${ticks} ticks`);
  other.close();
  await adding;
  assert.equal(store.get("m-1")?.text, "go");
});

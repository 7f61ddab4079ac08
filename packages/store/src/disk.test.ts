import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { withStep } from "@mosaic/core";
import { aMessage, eventually } from "@mosaic/testkit";
import { DeliveryState, ReceiptSchema } from "@mosaic/wire";
import { takeProcessLock } from "./sqlite/process-lock.ts";
import { temporaryStore } from "./temporary-store-for-tests.ts";

const MIB = 1024 * 1024;
const needsMount = { skip: mountObstacle() ?? false };
const needsPrlimit = { skip: spawnSync("prlimit", ["--version"]).status === 0 ? false : "needs prlimit (util-linux)" };

function mountObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs Linux and root, to mount a small disk";
  const folder = mkdtempSync(join(tmpdir(), "mosaic-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  if (status === 0) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : "needs the right to mount a small disk";
}

/** A disk of some MiB, gone after the test, and a store on it. */
function smallDisk(context: TestContext, sizeMiB: number) {
  const disk = mkdtempSync(join(tmpdir(), "mosaic-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMiB}m`, "tmpfs", disk]);
  const store = temporaryStore({ after: () => {} }, disk);
  context.after(() => {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });
  const remount = (how: "ro" | "rw") => execFileSync("mount", ["-o", `remount,${how}`, disk]);
  return { disk, remount, ...store };
}

/** Fills a disk to its last byte. */
function fill(disk: string): string {
  const path = join(disk, "ballast");
  for (let kib = 1024; kib >= 1; kib /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(kib * 1024), { flag: "a" });
    } catch {
      // Full for pieces of this size.
    }
  }
  return path;
}

const failed = { receipt: withStep(aMessage().receipt, DeliveryState.FAILED, { atUnixMs: 2 }) };

test("a full disk is said, loses nothing, and is got over by itself", needsMount, async (context) => {
  const { disk, open } = smallDisk(context, 4);
  const text = "x".repeat(200_000);
  // Not looked after in the background: a small write may find room in the log when a message does not.
  await using store = await open({ limits: { maxPendingBytesPerAgent: 1e9 }, retryMs: 1e6 });
  await store.add(aMessage({ text }));
  const ballast = fill(disk);
  const full = { code: "STORE_UNAVAILABLE", message: /no space is left on the disk/ };
  for (const messageId of ["m-2", "m-3"]) await assert.rejects(store.add(aMessage({ messageId, text })), full);
  const large = create(ReceiptSchema, { ...aMessage().receipt, detail: "y".repeat(600_000) });
  await assert.rejects(store.update("m-1", { receipt: large }), full);
  assert.match(store.health().refusal ?? "", /no space is left on the disk/);
  assert.deepEqual([[...store.all()].length, store.get("m-1")?.text, store.get("m-1")?.receipt.detail], [1, text, ""]);
  rmSync(ballast);
  assert.equal((await store.add(aMessage({ messageId: "m-2", text }))).isNew, true);
  assert.equal(store.health().refusal, undefined);
  await store.update("m-1", failed);
  await store[Symbol.asyncDispose]();
  await using later = await open();
  assert.deepEqual(
    [...later.all()].map(({ messageId, receipt }) => [messageId, receipt.state]),
    [
      ["m-1", DeliveryState.FAILED],
      ["m-2", DeliveryState.QUEUED],
    ],
  );
});

test("a store that is opened on a full disk takes nothing until there is room, and then works", needsMount, async (context) => {
  const { disk, open } = smallDisk(context, 2);
  const ballast = fill(disk);
  await using store = await open();
  assert.match(store.health().refusal ?? "", /can't be written/);
  await assert.rejects(store.add(aMessage()), { code: "STORE_UNAVAILABLE" });
  rmSync(ballast);
  await eventually("the store is well", () => store.health().refusal === undefined);
  assert.equal((await store.add(aMessage())).isNew, true);
});

test("near the end of the disk nothing is added, and what is held goes on", needsMount, async (context) => {
  const { disk, open } = smallDisk(context, 8);
  await using store = await open({ minFreeShare: 0.5 });
  await store.add(aMessage());
  const ballast = join(disk, "ballast");
  writeFileSync(ballast, Buffer.alloc(5 * MIB));
  const low = /takes no more: 2 MiB \(3\d\.\d %\) of its disk are free/;
  await assert.rejects(store.add(aMessage({ messageId: "m-2" })), { code: "STORE_UNAVAILABLE", message: low });
  await store.update("m-1", failed);
  assert.equal(store.get("m-1")?.receipt.state, DeliveryState.FAILED);
  assert.match(store.health().refusal ?? "", low);
  rmSync(ballast);
  await eventually("there is room again", () => store.health().refusal === undefined);
  assert.equal((await store.add(aMessage({ messageId: "m-2" }))).isNew, true);
});

test("less than 64 MiB free are too little, unless something else is said", needsMount, async (context) => {
  const { path, open } = smallDisk(context, 60);
  await using store = await open({ minFreeBytes: undefined, minFreeShare: undefined });
  assert.match(store.health().refusal ?? "", /takes no more: 59 MiB/);
  assert.ok(statSync(path).size > 0);
});

test("a read-only disk is read, said, and got over by itself", needsMount, async (context) => {
  const { remount, open } = smallDisk(context, 4);
  {
    await using store = await open();
    await store.add(aMessage());
  }
  remount("ro");
  await using store = await open();
  assert.match(store.health().refusal ?? "", /read-only/);
  assert.equal(store.get("m-1")?.text, "go");
  await assert.rejects(store.add(aMessage({ messageId: "m-2" })), { code: "STORE_UNAVAILABLE", message: /read-only/ });
  await assert.rejects(store.update("m-1", failed), { code: "STORE_UNAVAILABLE" });
  assert.equal((await store.add(aMessage())).isNew, false);
  remount("rw");
  await eventually("the store is well again", () => store.health().refusal === undefined);
  await store.update("m-1", failed);
  assert.equal((await store.add(aMessage({ messageId: "m-2" }))).isNew, true);
});

test(
  "a store that could take no lock on a read-only disk takes nothing while another one has it",
  needsMount,
  async (context) => {
    const { remount, path, open } = smallDisk(context, 4);
    await (await open())[Symbol.asyncDispose]();
    remount("ro");
    await using store = await open({ retryMs: 1e6 });
    remount("rw");
    {
      using _other = takeProcessLock(path);
      const inUse = { code: "STORE_UNAVAILABLE", message: /another process uses the message store/ };
      for (const messageId of ["m-1", "m-2"]) await assert.rejects(store.add(aMessage({ messageId })), inUse);
    }
    assert.equal((await store.add(aMessage())).isNew, true);
  },
);

test("a write that the system fails is said, loses nothing, and is got over by itself", needsPrlimit, async (context) => {
  const { open, path } = temporaryStore(context);
  const text = "x".repeat(200_000);
  const limits = { maxPendingBytesPerAgent: 1e9 };
  const allow = (bytes: string) => execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:unlimited`]);
  {
    await using store = await open({ limits });
    await store.add(aMessage());
    allow("100000");
    try {
      // Each fails anew: a store does not give up on its file.
      for (const messageId of ["m-2", "m-3"]) {
        const failure = { code: "STORE_UNAVAILABLE", message: /the disk failed \(disk I\/O error, SQLite 778\)/ };
        await assert.rejects(store.add(aMessage({ messageId, text })), failure);
      }
      assert.equal(store.get("m-1")?.text, "go");
    } finally {
      allow("unlimited");
    }
    await eventually("the store is well again", () => store.health().refusal === undefined);
    assert.equal((await store.add(aMessage({ messageId: "m-3", text }))).isNew, true);
  }
  assert.ok(statSync(path).size > text.length);
  await using later = await open({ limits });
  assert.deepEqual(
    [...later.all()].map(({ messageId }) => messageId),
    ["m-1", "m-3"],
  );
});

test("what is forgotten gives its room back to the disk", async (context) => {
  const { folder, path, open } = temporaryStore(context);
  mkdirSync(folder, { recursive: true });
  await using store = await open({ limits: { maxPendingBytesPerAgent: 1e9, maxPendingPerAgent: 1000 } });
  const text = "x".repeat(100_000);
  const add = async (messageId: string) => {
    await store.add(aMessage({ messageId, text }));
    await store.update(messageId, failed);
  };
  let largest = 0;
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(Array.from({ length: 150 }, (_, index) => add(`m-${round}-${index}`)));
    largest = Math.max(largest, statSync(path).size);
    assert.equal(await store.forget(1e15), 150);
    const left = statSync(path).size + statSync(`${path}-wal`).size;
    assert.ok(left < MIB, `${left} bytes are left`);
  }
  assert.ok(largest > 10 * MIB && largest < 20 * MIB, `${largest}`);
});

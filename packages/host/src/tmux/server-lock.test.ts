import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { realClock } from "@mosaic/testkit";
import { createServerLock } from "./server-lock.ts";

const folder = mkdtempSync(join(tmpdir(), "mosaic-lock-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("one at a time, also through two locks of the same path, and nothing is left", async () => {
  const path = join(folder, "a.quiet");
  const locks = [createServerLock(path, realClock), createServerLock(path, realClock)];
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => locks[index % 2]?.hold(work)));
  assert.equal(most, 1);
  assert.equal(existsSync(path), false);
});

test("work that fails leaves the lock", async () => {
  const path = join(folder, "b.quiet");
  const lock = createServerLock(path, realClock);
  await assert.rejects(
    lock.hold(() => Promise.reject(new Error("broken"))),
    /broken/,
  );
  assert.equal(existsSync(path), false);
});

test("a lock whose holder was killed is taken over, and one that can't be had stops nobody", async () => {
  const path = join(folder, "c.quiet");
  mkdirSync(path);
  // Each look at the clock is a second later.
  let nowMs = 0;
  const hurried = { ...realClock, monotonicMs: () => (nowMs += 1000), sleep: async () => {} };
  assert.equal(await createServerLock(path, hurried).hold(async () => "done"), "done");
  assert.equal(await createServerLock(join(folder, "none/d.quiet"), realClock).hold(async () => "done"), "done");
});

test("a lock that others hold in turn is not taken from them, however long that goes on", async () => {
  const path = join(folder, "e.quiet");
  mkdirSync(path);
  let nowMs = 0;
  let turns = 0;
  let isFree = false;
  const sleep = async () => {
    // Another holder within each two seconds, for half a minute. The kernel tells times apart by some ms.
    await delay(10);
    assert.ok(existsSync(path), "it was taken from its holder");
    turns += 1;
    if (turns % 2 === 0) rmdirSync(path);
    if (turns === 30) isFree = true;
    else if (turns % 2 === 0) mkdirSync(path);
  };
  const lock = createServerLock(path, { ...realClock, monotonicMs: () => (nowMs += 1000), sleep });
  assert.equal(await lock.hold(async () => isFree), true);
  assert.equal(existsSync(path), false);
});

test("who was taken for dead while he held it leaves the lock of the next one alone", async () => {
  const path = join(folder, "f.quiet");
  const lock = createServerLock(path, realClock);
  await lock.hold(async () => {
    rmdirSync(path);
    // Until the kernel's clock for files has moved on: the next one's folder is then known to be another.
    await delay(10);
    mkdirSync(path);
  });
  assert.equal(existsSync(path), true);
});

test("what is no lock and can't be taken away stops nobody", async () => {
  const path = join(folder, "g.quiet");
  writeFileSync(path, "");
  let nowMs = 0;
  const hurried = { ...realClock, monotonicMs: () => (nowMs += 1000), sleep: async () => {} };
  assert.equal(await createServerLock(path, hurried).hold(async () => "done"), "done");
  assert.equal(existsSync(path), true);
});

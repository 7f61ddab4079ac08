import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
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

import assert from "node:assert/strict";
import { existsSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./temporary-folder.ts";

interface LockModule {
  withLock<T>(path: string, onWait: (owner: string) => void, work: () => Promise<T>): Promise<T>;
}

const modulePath = new URL("../../packages/cli/tools/exclusive-lock.mjs", import.meta.url).href;
const { withLock }: LockModule = await import(modulePath);

/** A process id that no process has: above the largest that Linux gives. */
const deadPid = 4_194_305;

/** Runs work under the lock `count` times at once.
 *  @returns the most that ran at the same moment, and who was waited for */
async function crowd(path: string, count: number) {
  let [inside, most] = [0, 0];
  const waitedFor: string[] = [];
  const work = async () => {
    most = Math.max(most, ++inside);
    // Long enough for another one to come in, if it may.
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: count }, () => withLock(path, (owner) => waitedFor.push(owner), work)));
  return { most, waitedFor };
}

test("one at a time does work under a lock, and who waits is told for whom", async () => {
  using folder = temporaryFolder();
  const { most, waitedFor } = await crowd(join(folder.path, "a.lock"), 3);
  assert.equal(most, 1);
  assert.equal(waitedFor.length, 2);
  assert.match(waitedFor[0] ?? "", new RegExp(`^${hostname()} ${process.pid} `));
});

test("a lock is given back when the work fails", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "deep/a.lock");
  const failing = withLock(path, assert.fail, () => Promise.reject(new Error("no disk")));
  await assert.rejects(failing, /no disk/);
  assert.equal(existsSync(path), false);
});

test("the lock of a dead process is taken over, by one process at a time", async () => {
  using folder = temporaryFolder({ "a.lock/owner": `${hostname()} ${deadPid} 1` });
  assert.equal((await crowd(join(folder.path, "a.lock"), 4)).most, 1);
});

test("the lock of a dead process is taken over though its id is in use again", {
  skip: !existsSync("/proc/self/stat") && "needs /proc",
}, async () => {
  using folder = temporaryFolder({ "a.lock/owner": `${hostname()} ${process.pid} 1` });
  assert.equal(await withLock(join(folder.path, "a.lock"), assert.fail, async () => "mine"), "mine");
});

test("a lock whose maker died before it could leave its name is taken over", async () => {
  using folder = temporaryFolder({ "a.lock/other": "" });
  const aMinuteAgo = Date.now() / 1000 - 60;
  utimesSync(join(folder.path, "a.lock"), aMinuteAgo, aMinuteAgo);
  assert.equal(await withLock(join(folder.path, "a.lock"), assert.fail, async () => "mine"), "mine");
});

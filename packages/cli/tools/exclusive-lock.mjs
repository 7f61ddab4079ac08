// Plain JavaScript without dependencies: runs on Node 18, before anything is installed.

import { readFileSync } from "node:fs";
import { mkdir, readFile, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";

const pollMs = 200;
/** A lock folder without an owner's name in it is being made or removed just now; after this long, its maker died. */
const namelessForMs = 10_000;
/** An owner on another machine (a shared folder) can't be asked whether it lives. No install or build takes this long. */
const foreignForMs = 600_000;

/** Runs `work` while no other process does work under the same lock.
 *  @param {string} path the lock: a folder that exists while someone holds it. An owner that died leaves it behind, and
 *    the next process takes it over.
 *  @param {(owner: string) => void} onWait called once when the lock is held by another, with that owner's name.
 *  @param {() => Promise<T>} work
 *  @returns {Promise<T>} what `work` returns; the lock is given back also when it throws.
 *  @template T */
export async function withLock(path, onWait, work) {
  await mkdir(dirname(path), { recursive: true });
  for (let waits = 0; !(await tryTake(path)); waits++) {
    const { owner, isGone } = await look(path);
    if (isGone) await takeAway(path);
    else {
      if (waits === 0) onWait(owner ?? "another process");
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function tryTake(path) {
  try {
    await mkdir(path);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  await writeFile(join(path, "owner"), ownName());
  return true;
}

/** Removes a dead owner's lock. Only one process at a time may: between judging and removing, another could have removed
 *  it and a third taken it anew. */
async function takeAway(path) {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const ageMs = await ageOf(guard);
    if (ageMs > namelessForMs)
      await rmdir(guard).catch(() => {}); // Its maker died; whoever removes it first is right.
    else await new Promise((resolve) => setTimeout(resolve, pollMs));
    return;
  }
  try {
    if ((await look(path)).isGone) await rm(path, { recursive: true, force: true });
  } finally {
    await rmdir(guard);
  }
}

async function look(path) {
  const ageMs = await ageOf(path);
  let owner;
  try {
    owner = await readFile(join(path, "owner"), "utf8");
  } catch {
    return { owner: undefined, isGone: ageMs > namelessForMs }; // No name yet, or no longer.
  }
  return { owner, isGone: isOwnerGone(owner, ageMs) };
}

/** Says whether the process of that name is no more. The start time is in the name because process ids are used again. */
function isOwnerGone(owner, ageMs) {
  const [host, pid, startTicks] = owner.split(" ");
  if (host !== hostname()) return ageMs > foreignForMs;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === "ESRCH";
  }
  return startTicks !== startTicksOf(Number(pid));
}

/** The name of this process for `isOwnerGone`: host, process id, and start time where the system tells it. */
function ownName() {
  return `${hostname()} ${process.pid} ${startTicksOf(process.pid)}`;
}

function startTicksOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? "dead" : (fields[18] ?? "-"); // A dead process keeps its id until its parent looks.
  } catch {
    return "-"; // No such table on this system: the process id alone must do.
  }
}

async function ageOf(path) {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0; // Given back in this moment: not stale.
  }
}

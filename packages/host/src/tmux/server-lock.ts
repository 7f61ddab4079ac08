import { mkdir, rmdir, stat } from "node:fs/promises";
import type { Clock } from "@mosaic/core";

/** What {@link createAttachGate} keeps apart within a process, this keeps apart between the processes of a user: nodes, `mosaic`
 *  commands, and the scripts by which systemd starts agents (`framework/systemd/lib.sh`, which takes the same lock). */
export interface ServerLock {
  /** Runs while no other process attaches to the server or disturbs it. */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes the lock of one tmux server: a folder beside its socket, because making one is what shells and Node both do at once or
 *  not at all. It keeps from a rare harm and must never do a greater one: where it can't be had, work goes on without it.
 *  @param path the socket's path and `.quiet` */
export function createServerLock(path: string, clock: Clock): ServerLock {
  return {
    async hold(work) {
      const mark = (await take(path, clock)) ? await markOf(path) : undefined;
      try {
        return await work();
      } finally {
        // Somebody may have taken it for abandoned meanwhile: then it is not ours to leave.
        if (mark !== undefined && (await markOf(path)) === mark) await rmdir(path).catch(() => {});
      }
    },
  };
}

/** Attaching and starting take some 10 ms; who holds the lock for this long was killed while he held it. */
const ABANDONED_AFTER_MS = 3_000;
const POLL_MS = 5;
/** Between two looks at whether it is still the same lock that stands in the way. */
const LOOK_MS = 500;

// How long we waited says nothing, since many may have held it in turn meanwhile; nor does the folder's age, since clocks are set.
async function take(path: string, clock: Clock): Promise<boolean> {
  const never = new AbortController().signal;
  let seen = { mark: await markOf(path), sinceMs: clock.monotonicMs() };
  for (let lookedMs = seen.sinceMs; ; ) {
    try {
      await mkdir(path, { mode: 0o700 });
      return true;
    } catch (error) {
      // No folder for sockets: no server either. No right, no space: nobody else has it then.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
    }
    const nowMs = clock.monotonicMs();
    if (nowMs - lookedMs > LOOK_MS) {
      lookedMs = nowMs;
      const mark = await markOf(path);
      if (mark !== seen.mark) seen = { mark, sinceMs: nowMs };
      else if (nowMs - seen.sinceMs > ABANDONED_AFTER_MS && !(await remove(path))) return false;
    }
    await clock.sleep(POLL_MS, never);
  }
}

/** @returns false when something is there that can't be taken away */
async function remove(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** Tells a folder from another of the same name; undefined: there is none, or it can't be told. */
async function markOf(path: string): Promise<string | undefined> {
  try {
    const { ino, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${ctimeNs}`;
  } catch {
    // What matters is only whether it is the same as before.
    return undefined;
  }
}

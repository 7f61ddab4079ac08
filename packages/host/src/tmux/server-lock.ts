import { mkdir, rmdir } from "node:fs/promises";
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
      const isHeld = await take(path, clock);
      try {
        return await work();
      } finally {
        // Somebody may have taken it for abandoned meanwhile.
        if (isHeld) await rmdir(path).catch(() => {});
      }
    },
  };
}

/** Attaching and starting take some 10 ms; who holds the lock for this long was killed while he held it. */
const ABANDONED_AFTER_MS = 3_000;
const POLL_MS = 5;

async function take(path: string, clock: Clock): Promise<boolean> {
  const startedMs = clock.monotonicMs();
  const never = new AbortController().signal;
  for (;;) {
    try {
      await mkdir(path, { mode: 0o700 });
      return true;
    } catch (error) {
      // No folder for sockets: no server either. No right, no space: nobody else has it then.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
    }
    if (clock.monotonicMs() - startedMs > ABANDONED_AFTER_MS) await rmdir(path).catch(() => {});
    else await clock.sleep(POLL_MS, never);
  }
}

import type { ServerLock } from "./server-lock.ts";

/** Keeps apart what tmux before 3.7 can't bear together. While a control client introduces itself, for about 0.1 ms, any
 *  notice meant for all control clients (a session or a client that comes or goes, a pane's mode, from 3.4 on a paste
 *  buffer) makes the server crash, and all agents with it: https://github.com/tmux/tmux/issues/4980. Seen in 1 of 25 runs of
 *  a test that started a session at such a moment. Everything of this process that attaches a client or causes such a notice
 *  passes here, and other processes of ours are kept away by the server's lock; what people and their programs do to the
 *  server by hand stays a risk that only tmux 3.7 takes away. */
export interface AttachGate {
  /** Runs alone, after everything that passed before. To last until the client is attached or has ended. */
  attach<T>(work: () => Promise<T>): Promise<T>;
  /** Runs beside other disturbances, and after the attaching that came before. To last until tmux has answered. */
  disturb<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes the gate of one server. Work never starts work of the gate itself: it would wait for its own end.
 *  @param lock default: none, and so no other process is kept away */
export function createAttachGate(lock?: ServerLock): AttachGate {
  let attaching: Promise<unknown> = Promise.resolve();
  const disturbing = new Set<Promise<unknown>>();
  const alone = sharedHold(lock);
  return {
    attach(work) {
      const turn = Promise.allSettled([attaching, ...disturbing]).then(() => (lock ? lock.hold(work) : work()));
      attaching = turn.catch(() => {});
      return turn;
    },
    disturb(work) {
      const turn = attaching.then(() => alone(work));
      const settled = turn.then(
        () => {},
        () => {},
      );
      disturbing.add(settled);
      void settled.then(() => disturbing.delete(settled));
      return turn;
    },
  };
}

// Disturbances run side by side, so that they hold the lock together: from the first one's start to the last one's end.
function sharedHold(lock: ServerLock | undefined): <T>(work: () => Promise<T>) => Promise<T> {
  if (!lock) return (work) => work();
  let count = 0;
  let held: Promise<void> = Promise.resolve();
  let release = () => {};
  return async (work) => {
    count += 1;
    if (count === 1) {
      const free = Promise.withResolvers<void>();
      release = free.resolve;
      held = new Promise((taken) => {
        void lock.hold(async () => {
          taken();
          await free.promise;
        });
      });
    }
    await held;
    try {
      return await work();
    } finally {
      count -= 1;
      if (count === 0) release();
    }
  };
}

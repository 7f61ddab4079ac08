/** Keeps apart what tmux before 3.7 can't bear together. While a control client introduces itself, for about 0.1 ms, any
 *  notice meant for all control clients (a session or a client that comes or goes, a pane's mode, from 3.4 on a paste
 *  buffer) makes the server crash, and all agents with it: https://github.com/tmux/tmux/issues/4980. Seen in 1 of 25 runs of
 *  a test that started a session at such a moment. Everything of this process that attaches a client or causes such a notice
 *  passes here; what other processes do to the server stays a risk that only tmux 3.7 takes away. */
export interface AttachGate {
  /** Runs alone, after everything that passed before. To last until the client is attached or has ended. */
  attach<T>(work: () => Promise<T>): Promise<T>;
  /** Runs beside other disturbances, and after the attaching that came before. To last until tmux has answered. */
  disturb<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes the gate of one server. Work never starts work of the gate itself: it would wait for its own end. */
export function createAttachGate(): AttachGate {
  let attaching: Promise<unknown> = Promise.resolve();
  const disturbing = new Set<Promise<unknown>>();
  return {
    attach(work) {
      const turn = Promise.allSettled([attaching, ...disturbing]).then(work);
      attaching = turn.catch(() => {});
      return turn;
    },
    disturb(work) {
      const turn = attaching.then(work);
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

import type { FleetLog } from "../watch/fleet-log.ts";
import type { FleetChange } from "../watch/fleet-state.ts";

/** Changes read at once. */
const BATCH = 1000;

export interface LogFollower {
  readonly onChange: (change: FleetChange) => void;
  /** So much changed at once that the log forgot some of it: its state is to be looked at as a whole. */
  readonly onLost?: () => void;
}

/** Calls back with each change that a log is told from now on, in order, without what a later change had made void by then. What one
 *  batch of changes wakes is done after it was published. Disposing ends it. */
export function followLog(fleetLog: FleetLog, { onChange, onLost }: LogFollower): Disposable {
  let rev = fleetLog.rev;
  let waiting: Disposable | undefined;
  const read = () => {
    while (rev < fleetLog.rev) {
      const entries = fleetLog.readAfter(rev, BATCH);
      if (typeof entries === "string") {
        rev = fleetLog.rev;
        onLost?.();
        continue;
      }
      rev = entries.at(-1)?.rev ?? fleetLog.rev;
      for (const { change } of entries) if (change.kind !== "superseded") onChange(change);
    }
  };
  const wait = () => {
    waiting = fleetLog.onNextChange(() => {
      read();
      wait();
    });
  };
  wait();
  return { [Symbol.dispose]: () => waiting?.[Symbol.dispose]() };
}

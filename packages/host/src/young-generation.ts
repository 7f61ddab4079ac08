import { PerformanceObserver, performance } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Room for what a daemon makes and forgets, in bytes, both halves of it: what a thousand hosts say in some seconds. Most of it is
 *  needed until they say the next, and what outlives two collections is old, and rubbish from then on. */
const LIMIT_BYTES = 32 * 1024 * 1024;
/** To the last half it grows only while the event loop waits for longer than it works: in a burst it may double twice before we see it. */
const CALM_SHARE = 0.5;

/** Keeps V8's young generation small from now on. By itself it doubles up to 128 MiB while much arrives at once, such as the first
 *  snapshots of a fleet, and the process keeps all of that. Its limit can't be set once it runs, but the factor that it grows by is
 *  read each time it grows (docs/adr/0027). What an operator sets with `--max-semi-space-size` holds too.
 *  @returns ends the looking; how it grows then stays as it is */
export function limitYoungGeneration(limitBytes = LIMIT_BYTES): Disposable {
  let factor = 0;
  let last = performance.eventLoopUtilization();
  const look = () => {
    const now = performance.eventLoopUtilization();
    const { utilization, idle } = performance.eventLoopUtilization(now, last);
    last = now;
    const isCalm = idle > 0 && utilization < CALM_SHARE;
    const mayGrow = (isCalm ? 2 : 4) * youngBytes() <= limitBytes;
    if (factor === (mayGrow ? 2 : 1)) return;
    factor = mayGrow ? 2 : 1;
    setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  };
  const observer = new PerformanceObserver(look);
  observer.observe({ entryTypes: ["gc"] });
  look();
  return { [Symbol.dispose]: () => observer.disconnect() };
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}

import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface SpareMemoryOptions {
  /** How often is looked, in ms. Default 10 s. */
  readonly everyMs?: number;
  /** Runs a full collection. Default: V8's own. */
  readonly collect?: () => void;
  /** What the heap takes, in bytes, with what is rubbish in it. Default: V8's own. */
  readonly heapBytes?: () => number;
  /** The share of the time since it was asked last that the event loop did not wait. Default: this process's own. */
  readonly workingShare?: () => number;
}

const EVERY_MS = 10_000;
/** Whose event loop works less is calm. Not by processor time: on a machine that has none to give, everybody would seem so. */
const CALM_SHARE = 0.5;
/** What is worth a pause after the start. */
const FIRST_BYTES = 32 * 1024 * 1024;
/** What must have come on top later: as much, and as much of what was left last time. More than a daemon that idles ever gathers, because
 *  its compiled code goes too, and an aggregator of 1,000 hosts takes half as much again of a core until it is back, which is 100 s. */
const LEAST_BYTES = 64 * 1024 * 1024;
const LEAST_SHARE = 0.75;
/** A larger heap is left to V8: to go through this much of it several times takes a second. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Looks that are left out after one that collected: who makes as much each few seconds is not to pay for it each time. */
const LOOKS_LEFT_OUT = 5;

/** Gives back memory that a burst has left behind, once the process is calm: the start over a thousand hosts, a live question to all
 *  of them. V8 collects when its heap has grown by half or so, which a daemon that idles does after hours.
 *  @returns ends it */
export function giveSpareMemoryBack(options: SpareMemoryOptions = {}): Disposable {
  const { everyMs = EVERY_MS, collect = collectGarbage, heapBytes = totalHeapBytes, workingShare = ownShare() } = options;
  let leftBytes = 0;
  let leftOut = 0;
  const look = () => {
    const isCalm = workingShare() < CALM_SHARE;
    const bytes = heapBytes();
    if (leftOut > 0) leftOut -= 1;
    else if (isCalm && bytes <= MOST_BYTES && bytes - leftBytes >= leastOnTop(leftBytes)) {
      collect();
      leftBytes = heapBytes();
      leftOut = LOOKS_LEFT_OUT;
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function leastOnTop(leftBytes: number): number {
  return leftBytes === 0 ? FIRST_BYTES : Math.max(LEAST_BYTES, LEAST_SHARE * leftBytes);
}

function totalHeapBytes(): number {
  return getHeapStatistics().total_heap_size;
}

function ownShare(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

// A program can't ask for it by any other name without a flag of its own at the start; a context made after this has it.
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc: (how: object) => void = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  // The regular one keeps the room that it made.
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
}

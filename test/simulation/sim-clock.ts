import type { Clock } from "@mosaic/core";
import type { SimTime } from "./sim-time.ts";

/** The clocks of one simulated process: a wall clock that may be wrong, a monotonic one that may run a little too fast. While
 *  the process is stopped nobody wakes; what came due meanwhile wakes in order when it goes on. */
export class SimClock implements Clock {
  readonly #time: SimTime;
  readonly #rate: number;
  readonly #bootMs: number;
  readonly #late: (() => void)[] = [];
  #wallOffsetMs: number;
  #isStopped = false;
  #isDead = false;
  /** How many calls sleep now. */
  sleeperCount = 0;

  /** @param drift 0.0005 for a clock that gains half a second in a thousand */
  constructor(time: SimTime, drift: number, wallOffsetMs: number) {
    this.#time = time;
    this.#rate = 1 + drift;
    this.#bootMs = time.nowMs;
    this.#wallOffsetMs = wallOffsetMs;
  }

  nowUnixMs(): number {
    return Math.round(START_UNIX_MS + this.#wallOffsetMs + this.#time.nowMs * this.#rate);
  }

  // Starts elsewhere than at 0, so that no one takes the moments of two processes for comparable.
  monotonicMs(): number {
    return 1_000_000 + (this.#time.nowMs - this.#bootMs) * this.#rate;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || ms <= 0) return resolve();
      this.sleeperCount += 1;
      const end = () => {
        event.run = undefined;
        this.sleeperCount -= 1;
        signal.removeEventListener("abort", end);
        resolve();
      };
      const event = this.#time.after(ms / this.#rate, () => this.whenAwake(() => !signal.aborted && end()));
      signal.addEventListener("abort", end, { once: true });
    });
  }

  /** Does something in the process: at once, when it goes on if it is stopped, and never when it is gone. */
  whenAwake(work: () => void): void {
    if (this.#isDead) return;
    if (this.#isStopped) this.#late.push(work);
    else work();
  }

  /** Lets the wall clock jump, as an operator or NTP does. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  stop(): void {
    this.#isStopped = true;
  }

  goOn(): void {
    this.#isStopped = false;
    // Timers that are overdue come before what waits on sockets, as in an event loop.
    for (const work of this.#late.splice(0)) this.#time.after(0, () => this.whenAwake(work));
  }

  /** The process is gone: nobody wakes any more. */
  die(): void {
    this.#isDead = true;
  }
}

const START_UNIX_MS = 1_767_225_600_000;

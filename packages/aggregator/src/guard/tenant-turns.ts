import { MosaicError } from "@mosaic/core";

export interface TenantTurnsOptions {
  /** How many calls of one tenant may wait. Default 500. */
  readonly maxWaiting?: number;
  /** Lets everything else happen before the next turn. Default: one round of the event loop. */
  readonly betweenTurns?: () => Promise<void>;
}

const MAX_WAITING = 500;
/** About what a full queue takes, in ms. */
const COME_BACK_MS = 1000;

/** Lets calls begin one after the other, tenants in turn: a tenant with 500 waiting delays another's call by one of its own. Within a
 *  tenant it is first come, first served. A call that has begun is not counted any more, however long it takes. */
export class TenantTurns {
  readonly #maxWaiting: number;
  readonly #betweenTurns: () => Promise<void>;
  /** Tenants in the order of their turns. */
  readonly #queues = new Map<string, Set<() => void>>();
  #isTurning = false;

  constructor({ maxWaiting = MAX_WAITING, betweenTurns = nextRound }: TenantTurnsOptions = {}) {
    this.#maxWaiting = maxWaiting;
    this.#betweenTurns = betweenTurns;
  }

  /** Waits for the turn of one call.
   *  @param signal ends the waiting
   *  @throws MosaicError BUSY with when to come back, while too many of the tenant wait; CANCELLED when the signal was first */
  async next(tenantId: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const queue = this.#queues.get(tenantId) ?? new Set();
    if (queue.size >= this.#maxWaiting) {
      throw new MosaicError("BUSY", `${queue.size} calls of tenant "${tenantId}" wait here for their turn`, {
        hint: "ask less often: follow the fleet with mosaic fleet ps --watch",
        retryAfterMs: COME_BACK_MS,
      });
    }
    this.#queues.set(tenantId, queue);
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        queue.delete(begin);
        reject(MosaicError.from(signal.reason));
      };
      queue.add(begin);
      signal.addEventListener("abort", leave, { once: true });
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    if (this.#isTurning) return;
    this.#isTurning = true;
    while (this.#queues.size > 0) {
      this.#begin();
      await this.#betweenTurns();
    }
    this.#isTurning = false;
  }

  #begin(): void {
    for (const [tenantId, queue] of this.#queues) {
      const [begin] = queue;
      this.#queues.delete(tenantId);
      if (begin === undefined) continue;
      queue.delete(begin);
      // Its next turn comes after all others'.
      if (queue.size > 0) this.#queues.set(tenantId, queue);
      return begin();
    }
  }
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

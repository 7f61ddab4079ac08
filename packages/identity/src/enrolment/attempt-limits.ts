import { MosaicError } from "@mosaic/core";

/** How often somebody may try, within how many ms. */
export interface AttemptLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** Attempts with invitations: few from one address, so that nobody guesses; and not many in all, so that many addresses don't help. */
const PER_ADDRESS: AttemptLimit = { count: 5, windowMs: 60_000 };
const PER_FLEET: AttemptLimit = { count: 50, windowMs: 3_600_000 };

/** More addresses than this are not told apart: then the oldest is forgotten, and the limit of the fleet still holds. */
const MAX_ADDRESSES = 10_000;

/** Counts attempts and refuses what is too much. Holds nothing for longer than its window. */
export class AttemptLimits {
  readonly #perAddress: AttemptLimit;
  readonly #perFleet: AttemptLimit;
  readonly #addresses = new Map<string, number[]>();
  #all: number[] = [];

  constructor(perAddress: AttemptLimit = PER_ADDRESS, perFleet: AttemptLimit = PER_FLEET) {
    this.#perAddress = perAddress;
    this.#perFleet = perFleet;
  }

  /** Counts one attempt.
   *  @param nowMs on a clock that never goes back
   *  @throws MosaicError BUSY with when to come back; what was refused is not counted, so that it ends */
  count(address: string, nowMs: number): void {
    const own = recent(this.#addresses.get(address) ?? [], this.#perAddress, nowMs);
    this.#all = recent(this.#all, this.#perFleet, nowMs);
    assertRoom(own, this.#perAddress, nowMs, "from this address");
    assertRoom(this.#all, this.#perFleet, nowMs, "in this fleet");
    own.push(nowMs);
    this.#all.push(nowMs);
    this.#addresses.delete(address);
    this.#addresses.set(address, own);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > MAX_ADDRESSES && oldest !== undefined) this.#addresses.delete(oldest);
  }

  /** Takes the last attempt of an address back: it was no guess. */
  forgive(address: string): void {
    this.#addresses.get(address)?.pop();
    this.#all.pop();
  }
}

function recent(times: readonly number[], { windowMs }: AttemptLimit, nowMs: number): number[] {
  return times.filter((time) => nowMs - time < windowMs);
}

function assertRoom(times: readonly number[], { count, windowMs }: AttemptLimit, nowMs: number, where: string): void {
  const [first = nowMs] = times;
  if (times.length < count) return;
  const retryAfterMs = first + windowMs - nowMs;
  throw new MosaicError("BUSY", `too many attempts to join ${where}: ${count} in ${windowMs / 60_000} min are allowed`, {
    hint: `try again in ${Math.ceil(retryAfterMs / 1000)} s`,
    retryAfterMs,
  });
}

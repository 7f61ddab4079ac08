import { MosaicError } from "@mosaic/core";

/** Most ids that are remembered: 60 s of two thousand calls a second. */
const MAX_IDS = 131_072;

/** Ids that were used, for as long as somebody could use them again. */
export class UsedIds {
  /** When each is of no more use to anybody, the oldest first. */
  readonly #until = new Map<string, number>();
  readonly #maxIds: number;

  constructor(maxIds = MAX_IDS) {
    this.#maxIds = maxIds;
  }

  /** Uses an id.
   *  @returns false when it was used before
   *  @throws MosaicError BUSY when there is no room to remember it: what can't be remembered could be used twice */
  use(id: string, untilUnixMs: number, nowUnixMs: number): boolean {
    const known = this.#until.get(id);
    if (known !== undefined && known > nowUnixMs) return false;
    if (this.#until.size >= this.#maxIds) this.#forget(nowUnixMs);
    if (this.#until.size >= this.#maxIds)
      throw new MosaicError("BUSY", "too many calls were signed in one minute", { retryAfterMs: 5000 });
    this.#until.set(id, untilUnixMs);
    return true;
  }

  #forget(nowUnixMs: number): void {
    for (const [id, untilUnixMs] of this.#until) if (untilUnixMs <= nowUnixMs) this.#until.delete(id);
  }
}

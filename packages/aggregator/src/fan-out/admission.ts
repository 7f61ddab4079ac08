import { MosaicError } from "@mosaic/core";

/** Fan-outs of one caller at the same time: more only wait for each other. */
const AT_ONCE = 16;
/** About what a fan-out takes, in ms; told to the one who is sent away. */
const COME_BACK_MS = 1000;

/** Lets a limited number of questions in for each caller; the next one is told at once to come back. */
export class Admission {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit = AT_ONCE) {
    this.#limit = limit;
  }

  /** @param who the caller's tenant; of callers without a name the tenant that is asked about, or empty for all
   *  @throws MosaicError BUSY with the time after which to come back */
  enter(who: string): Disposable {
    const count = this.#counts.get(who) ?? 0;
    if (count >= this.#limit) {
      throw new MosaicError("BUSY", `${count} live questions${who === "" ? "" : ` of tenant ${who}`} are being answered now`, {
        hint: "ask again in a second, or without --live",
        retryAfterMs: COME_BACK_MS,
      });
    }
    this.#counts.set(who, count + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#counts.get(who) ?? 1) - 1;
        if (left > 0) this.#counts.set(who, left);
        else this.#counts.delete(who);
      },
    };
  }
}

import { MosaicError } from "../errors.ts";

/** How many streams of a kind go on at the same time, at most. */
export class StreamPlaces {
  readonly #max: number;
  readonly #what: string;
  #taken = 0;

  /** @param what for people, for example `readers of this log` */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  /** Takes a place until it is disposed.
   *  @throws MosaicError BUSY when none is left */
  take(): Disposable {
    if (this.#taken >= this.#max)
      throw new MosaicError("BUSY", `there are ${this.#taken} ${this.#what} already`, {
        hint: "close some, or come back later",
        retryAfterMs: 5000,
      });
    this.#taken += 1;
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (isTaken) this.#taken -= 1;
        isTaken = false;
      },
    };
  }
}

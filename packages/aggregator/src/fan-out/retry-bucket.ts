/** What each call adds: retries are at most a tenth of the calls, so that they can't make an overload worse. */
const PER_CALL = 0.1;
/** What it holds at most, and at first: a restart of a few hosts is retried even in a quiet hour. */
const CAPACITY = 10;

/** Says whether a failed call may be repeated: a bucket of tokens that calls fill and retries empty (gRFC A6). */
export class RetryBucket {
  #tokens = CAPACITY;

  noteCall(): void {
    this.#tokens = Math.min(CAPACITY, this.#tokens + PER_CALL);
  }

  /** Takes a retry's token, if there is one. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

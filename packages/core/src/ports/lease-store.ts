/** The right to be the only one who does something, for a while. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Fencing token: higher for each new holder, never used again. What is done under a lease carries it, so that a holder who
   *  slept past its end is refused. */
  readonly token: number;
  /** When it ends unless it is renewed, in ms of the store's own clock. */
  readonly endsAtUnixMs: number;
}

/** Leases for what only one of several aggregators may do at a time. */
export interface LeaseStore {
  /** Takes a lease that is free or over, or renews one's own, which keeps its token.
   *  @param ttlMs how long it holds, in ms
   *  @returns undefined: somebody else holds it
   *  @throws MosaicError STORE_UNAVAILABLE */
  acquire(name: string, holder: string, ttlMs: number, signal: AbortSignal): Promise<Lease | undefined>;
  /** Gives it back before its end. One that is not held any more changes nothing.
   *  @throws MosaicError STORE_UNAVAILABLE */
  release(lease: Lease, signal: AbortSignal): Promise<void>;
}

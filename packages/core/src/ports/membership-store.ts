/** A host or further aggregator that somebody put into membership by command, or took out of it. */
export interface MembershipRecord {
  readonly role: "node" | "aggregator";
  /** Empty for an aggregator. */
  readonly tenantId: string;
  /** The host's name, or an aggregator's own. */
  readonly name: string;
  /** The host's random id; empty until it is known. */
  readonly hostId: string;
  /** Where it may be reached, best first, as they are written: `127.0.0.1:8787`, `unix:/path`. */
  readonly addresses: readonly string[];
  /** `removed` is a tombstone: it outlives the host, so that no other source brings it back unseen. */
  readonly state: "expected" | "draining" | "removed";
  /** Why, for people. May be empty. */
  readonly reason: string;
  /** Who changed it last, as far as they say: a source label. */
  readonly changedBy: string;
  readonly changedAtUnixMs: number;
  /** Rises by at least one with each change of this record; 0: not stored yet. */
  readonly rev: number;
}

/** What a record is found by. */
export type MembershipKey = Pick<MembershipRecord, "role" | "tenantId" | "name">;

/** A place in the order of changes; opaque, exclusive. */
export type MembershipCursor = string;

/** Durable membership by command. Several aggregators may share one; losing it freezes edits and stops no reading. */
export interface MembershipStore extends AsyncDisposable {
  /** Everything, tombstones too, in no order, with the place that it reflects.
   *  @throws MosaicError STORE_UNAVAILABLE */
  list(signal: AbortSignal): Promise<{ readonly records: readonly MembershipRecord[]; readonly cursor: MembershipCursor }>;
  /** What changed after a place, each record at most once, as it is now. A commit that came late is not skipped.
   *  @throws MosaicError STORE_UNAVAILABLE */
  changesSince(
    cursor: MembershipCursor,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly MembershipRecord[]; readonly cursor: MembershipCursor }>;
  /** Stores a record if the one that is there still has the revision it was read with (0: there is none). Durable when it resolves.
   *  @returns the record as stored; undefined: somebody else was quicker, read again
   *  @throws MosaicError STORE_UNAVAILABLE */
  put(record: MembershipRecord, signal: AbortSignal): Promise<MembershipRecord | undefined>;
  /** Calls back when something may have changed; may call without a change, and a call may be lost: who must know looks as well. */
  onChange(listener: () => void): Disposable;
}

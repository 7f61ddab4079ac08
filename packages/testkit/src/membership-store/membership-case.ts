import type { MembershipRecord, MembershipStore } from "@mosaic/core";

/** A membership store, over records that outlive it. */
export interface MembershipStoreSubject {
  /** Opens it over what the one before left. A second one beside the first, as another process would have it, only where
   *  `isShared`. */
  open(): Promise<MembershipStore>;
  readonly isShared: boolean;
  /** Makes that nothing can be written from now on, or that it can again. */
  setWritable(isWritable: boolean): void;
}

/** One promise of {@link MembershipStore}, and how to see whether an implementation keeps it. */
export interface MembershipStoreCase {
  /** A claim, unique among the cases. */
  readonly name: string;
  /** @throws when the promise is broken */
  readonly run: (subject: MembershipStoreSubject) => Promise<void>;
}

/** A record as a command makes it, not stored yet, with what is given laid over it. */
export function aRecord(fields: Partial<MembershipRecord> = {}): MembershipRecord {
  return {
    ...{ role: "node", tenantId: "team-a", name: "alpha", hostId: "h-1", addresses: ["127.0.0.1:8787", "unix:/run/a.sock"] },
    ...{ state: "expected", reason: 'moved "in" – ä', changedBy: "desk:operator", changedAtUnixMs: 1_767_225_600_123, rev: 0 },
    ...fields,
  };
}

/** Not aborted. */
export const NOW: AbortSignal = new AbortController().signal;

/** Stores a record that must be taken. */
export async function putNew(store: MembershipStore, fields: Partial<MembershipRecord> = {}): Promise<MembershipRecord> {
  const stored = await store.put(aRecord(fields), NOW);
  if (stored === undefined) throw new Error(`record ${fields.name} was not taken`);
  return stored;
}

/** Records by name. */
export function byName(records: readonly MembershipRecord[]): MembershipRecord[] {
  return [...records].sort((a, b) => (a.name < b.name ? -1 : 1));
}

import { type Clock, type Log, type MessageStore, silentLog } from "@mosaic/core";
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from "./message-limits.ts";
import { DurableMessageStore } from "./message-store.ts";
import { SqliteJournal } from "./sqlite/sqlite-journal.ts";

export interface OpenMessageStoreOptions {
  /** The database file, for example `$MOSAIC_HOME/fleet/messages/inbox.db`; made when missing (mode 0600), its folder too
   *  (0700). Beside it are `<path>-wal`, `<path>-shm` and `<path>.lock`. */
  readonly path: string;
  readonly clock: Clock;
  /** Default: says nothing. */
  readonly log?: Log;
  readonly limits?: Partial<MessageLimits>;
  /** Nothing is added when less than this share of the disk is free, or less than `minFreeBytes`; what is held goes on.
   *  Default 0.05 and 64 MiB. */
  readonly minFreeShare?: number | undefined;
  readonly minFreeBytes?: number | undefined;
  /** How long a write waits for somebody else who looks into the file, in ms. Default 5 s. */
  readonly busyTimeoutMs?: number;
  /** After how long it is looked whether a store in trouble works again, in ms. Default 5 s. */
  readonly retryMs?: number;
}

/** Opens the messages of one daemon in an SQLite file. A file that is damaged, somebody else's or of a newer version is left
 *  as it is: the store then opens, answers what can be read of it, takes nothing, and says why in `health().refusal`.
 *  @returns a store that the caller disposes
 *  @throws MosaicError ALREADY_RUNNING when another process, or another store of this one, has the file */
export async function openMessageStore(options: OpenMessageStoreOptions): Promise<MessageStore> {
  const { path, clock, log = silentLog, minFreeShare = 0.05, minFreeBytes = 64 * 1024 * 1024 } = options;
  const { busyTimeoutMs = 5000, retryMs = 5000 } = options;
  const journal = new SqliteJournal({ role: "mosaic-message-store", path, minFreeShare, minFreeBytes, busyTimeoutMs });
  const limits = { ...DEFAULT_MESSAGE_LIMITS, ...options.limits };
  const store = new DurableMessageStore({ journal, clock, log }, { limits, retryMs });
  try {
    await store.open();
    return store;
  } catch (thrown) {
    await store[Symbol.asyncDispose]();
    throw thrown;
  }
}

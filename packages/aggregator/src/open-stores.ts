import type { AuditChain, AuditLog, Clock, FileStore, Log, MembershipStore, MessageStore } from "@mosaic/core";
import { inspectStore, openMembershipStore, openMessageStore, openPostgresStore, type StoreUrl } from "@mosaic/store";

export interface OpenStoresOptions {
  /** The database that several aggregators share. Absent: files of this one alone. */
  readonly storeUrl: StoreUrl | undefined;
  /** `$MOSAIC_HOME/fleet`. */
  readonly folder: string;
  /** The aggregator's own id. */
  readonly ownId: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly files: FileStore;
  /** The audit log of this host. */
  readonly localAudit: AuditLog;
  /** Makes a chain that aggregators share the log of this one, signed as the local one is. */
  readonly openSharedAudit: (chain: AuditChain) => AuditLog & AsyncDisposable;
}

/** What an aggregator keeps for good. Disposing closes it. */
export interface Stores extends AsyncDisposable {
  readonly messages: MessageStore;
  readonly audit: AuditLog;
  readonly openMembership: () => Promise<MembershipStore>;
}

/** Opens what an aggregator keeps: in files below its home, or all of it in the database that it was told to use.
 *  @throws MosaicError ALREADY_RUNNING when another process has the files */
export async function openStores(options: OpenStoresOptions): Promise<Stores> {
  const { storeUrl: url, folder, files } = options;
  const outbox = `${folder}/messages/outbox.db`;
  if (url === undefined) {
    const messages = await openMessageStore({ ...options, path: outbox });
    return {
      messages,
      audit: options.localAudit,
      openMembership: async () => openMembershipStore({ path: `${folder}/membership.json`, files }),
      [Symbol.asyncDispose]: () => messages[Symbol.asyncDispose](),
    };
  }
  await tellWhatIsLeft(outbox, options.log);
  const store = await openPostgresStore({ ...options, url });
  const audit = options.openSharedAudit(store.auditChain);
  return {
    messages: store.messages,
    audit: recordedBy(audit, options.ownId),
    openMembership: async () => store.openMembership(),
    async [Symbol.asyncDispose]() {
      // While the database is still open: what is not signed yet is signed now.
      await audit[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

// Of several that write, the record says which.
function recordedBy(audit: AuditLog, ownId: string): AuditLog {
  return { record: (entry) => audit.record({ ...entry, facts: { ...entry.facts, recorded_by: ownId } }) };
}

// What was taken before the database was used is not carried from there.
async function tellWhatIsLeft(path: string, log: Log): Promise<void> {
  const left = (await inspectStore(path))?.unfinished.length ?? 0;
  if (left === 0) return;
  log.warn(
    { path, messages: left },
    "messages wait in the file that was used before: start once without --store to deliver them",
  );
}

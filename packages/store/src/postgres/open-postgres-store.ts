import type { AuditChain, Clock, LeaseStore, Log, MembershipStore, MessageStore } from "@mosaic/core";
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from "../message-limits.ts";
import { postgresAuditChain } from "./audit-chain.ts";
import { ChangeSignal } from "./change-signal.ts";
import { Database } from "./database.ts";
import { postgresLeases } from "./postgres-leases.ts";
import { MEMBERSHIP_CHANNEL, postgresMembership } from "./postgres-membership.ts";
import { SharedMessageStore } from "./shared-message-store.ts";
import type { StoreUrl } from "./store-url.ts";

export interface OpenPostgresStoreOptions {
  readonly url: StoreUrl;
  /** The aggregator's own id, by which its messages and leases are told from others'. */
  readonly ownId: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly limits?: Partial<MessageLimits>;
  /** How often it is looked for what others changed, in ms, ±20 %. Default 1 s. */
  readonly pollMs?: number;
  /** How long after its last sign of life an aggregator's messages are taken over, in ms. Default 10 s. */
  readonly leaseMs?: number;
  /** How long one statement may take, in ms. Default 5 s. */
  readonly deadlineMs?: number;
}

/** What aggregators share in one PostgreSQL database. Disposing closes all of it. */
export interface PostgresStore extends AsyncDisposable {
  readonly messages: MessageStore;
  readonly leases: LeaseStore;
  readonly auditChain: AuditChain;
  /** Opens membership by command; its disposal ends only its own listening. */
  openMembership(): MembershipStore;
}

/** Opens what aggregators share. While the database can't be reached, or its tables are of a newer version, everything that would
 *  change something is refused with the reason, what was read stays readable, and it is tried again until it works.
 *  @throws never for what the database does */
export async function openPostgresStore(options: OpenPostgresStoreOptions): Promise<PostgresStore> {
  const { url, ownId, clock, log, random, pollMs = 1000, leaseMs = 10_000, deadlineMs } = options;
  const database = new Database({ url, applicationName: "mosaic-aggregator", log, deadlineMs });
  const leases = postgresLeases(database);
  const limits = { ...DEFAULT_MESSAGE_LIMITS, ...options.limits };
  const messages = new SharedMessageStore({ database, leases, clock, log, random }, { ownId, limits, pollMs, leaseMs });
  await messages.open();
  return {
    messages,
    leases,
    auditChain: postgresAuditChain(database),
    openMembership: () => postgresMembership(database, new ChangeSignal({ database, clock, log, random }, MEMBERSHIP_CHANNEL)),
    async [Symbol.asyncDispose]() {
      await messages[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

import {
  type Clock,
  type EventJournal,
  type FleetLog,
  lastKnown,
  type MessageStore,
  recordConditions,
  recordDaemon,
} from "@mosaic/core";
import type { HostStatus } from "@mosaic/wire";
import { recordAgents } from "./record-agents.ts";
import { recordReceipts } from "./record-receipts.ts";

export interface NodeEventsDeps {
  readonly journal: EventJournal;
  readonly clock: Clock;
  readonly fleetLog: FleetLog;
  readonly store: MessageStore;
  /** The node's own host, as of now. */
  readonly status: () => HostStatus;
  readonly version: string;
}

/** Keeps what happens on a node's host by itself. Disposing ends it, and says that the node stopped. */
export function startNodeEvents({ journal, clock, fleetLog, store, status, version }: NodeEventsDeps): Disposable {
  const { tenantId, host } = status();
  const of = { tenantId, host };
  const known = lastKnown(journal.takeBefore());
  const stack = new DisposableStack();
  stack.use(recordDaemon({ journal, of, version, unstopped: known.unstopped }));
  stack.use(recordAgents({ fleetLog, journal, clock, of, known: known.agents }));
  const conditions = () => status().conditions;
  stack.use(recordConditions({ journal, clock, conditions, of, known: known.conditions.get(`${tenantId}/${host}`) }));
  stack.use(recordReceipts(journal, store));
  return stack;
}

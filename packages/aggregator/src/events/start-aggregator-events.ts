import { type Clock, type EventJournal, type FleetLog, lastKnown, recordConditions, recordDaemon } from "@mosaic/core";
import type { Condition } from "@mosaic/wire";
import { recordHosts } from "./record-hosts.ts";

export interface AggregatorEventsDeps {
  readonly journal: EventJournal;
  readonly clock: Clock;
  readonly fleetLog: FleetLog;
  /** The aggregator's own, as of now. */
  readonly conditions: () => readonly Condition[];
  readonly host: string;
  readonly version: string;
}

/** Of a start, and of no trouble. */
const EXCEPT: ReadonlySet<string> = new Set(["AGGREGATOR_WARMING"]);

/** Keeps what an aggregator sees happen by itself: to hosts and to itself. What happens to agents their nodes keep, who saw it, and
 *  who are asked for it (docs/adr/0037). Disposing ends it, and says that it stopped. */
export function startAggregatorEvents({ journal, clock, fleetLog, conditions, host, version }: AggregatorEventsDeps): Disposable {
  const of = { tenantId: "", host };
  const known = lastKnown(journal.takeBefore());
  const stack = new DisposableStack();
  stack.use(recordDaemon({ journal, of, version, unstopped: known.unstopped }));
  stack.use(recordHosts({ fleetLog, journal, clock, known: known.hosts, knownConditions: known.conditions }));
  stack.use(recordConditions({ journal, clock, conditions, of, known: known.conditions.get(`/${host}`), except: EXCEPT }));
  return stack;
}

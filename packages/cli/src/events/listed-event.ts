import type { FleetEvent } from "@mosaic/core/light";
import type { FleetEvent as ToldEvent } from "@mosaic/wire";
import type { ListedRecord } from "../commands/audit/audit-record.ts";

/** One line of `mosaic events --json`: a record of what somebody did, or an event that happened by itself. Both have the fields of a
 *  record; of an event `action` is its kind, and `facts` has `from`, `to`, `reason`, `count` and `trace` where there are such. */
export interface ListedEvent extends ListedRecord {
  readonly type: "record" | "event";
  /** Of an event: unique, and rising within its source. Null: of a record, which has an index. */
  readonly id: string | null;
  /** The daemon that saw it: its role, and where it is told its id after a colon. Of a record: `audit`. */
  readonly source: string;
}

/** Puts a record into the form of the list. */
export function listedRecord(record: ListedRecord): ListedEvent {
  return { type: "record", ...record, id: null, source: "audit" };
}

/** Puts an event of a journal of this host into the form of the list. */
export function listedEvent(
  event: Omit<FleetEvent, "traceparent"> & { traceparent: string },
  role: string,
  sourceId = "",
): ListedEvent {
  const { id, atUnixMs, kind, tenantId, host, agent, from, to, reason, count, traceparent } = event;
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(traceparent)?.[1] ?? "";
  const texts = Object.entries({ from, to, reason, trace }).filter(([, text]) => text !== "");
  return {
    ...{ type: "event", index: null, at: new Date(atUnixMs).toISOString(), action: kind },
    ...{ actor: `mosaic-${role}`, tenant_id: tenantId, host, agent: agent === "" ? null : `${tenantId}/${host}/${agent}` },
    facts: { ...Object.fromEntries(texts), ...(count > 1 ? { count } : {}) },
    ...{ is_cut: false, id, source: sourceId === "" ? role : `${role}:${sourceId}` },
  };
}

/** Puts an event as a daemon told it into the form of the list. */
export function toldEvent(event: ToldEvent): ListedEvent {
  return listedEvent({ ...event, atUnixMs: Number(event.atUnixMs) }, event.sourceRole, event.sourceId);
}

/** Orders by time; what has the same time stays as it was. */
export function byTime(a: ListedEvent, b: ListedEvent): number {
  return a.at < b.at ? -1 : Number(a.at > b.at);
}

/** What can happen by itself; docs/glossary.md says what each of them means. A reader prints one that it does not know. */
export const EVENT_KINDS = [
  ...(["agent.found", "agent.started", "agent.died", "agent.restarted", "agent.removed", "agent.failed"] as const),
  ...(["agent.wedged", "agent.waiting", "agent.recovered", "agent.stale", "agent.fresh"] as const),
  ...(["condition.appeared", "condition.cleared"] as const),
  ...(["daemon.started", "daemon.stopped"] as const),
  "events.dropped",
  ...(["host.live", "host.stale", "host.unreachable", "host.auth_failed", "host.incompatible", "host.overloaded"] as const),
  ...(["host.draining", "host.never_seen", "host.removed"] as const),
  ...(["message.answered", "message.failed", "message.expired", "message.unconfirmed"] as const),
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that happened by itself. */
export interface Happening {
  readonly kind: EventKind;
  /** Empty: it concerns an aggregator itself. */
  readonly tenantId: string;
  readonly host: string;
  /** Empty: it concerns the host. */
  readonly agent: string;
  /** What was before; empty: nothing, or not known. */
  readonly from: string;
  /** What is since then; of a condition its type. */
  readonly to: string;
  /** For people. */
  readonly reason: string;
  /** W3C trace context of what it belongs to; empty: nothing. */
  readonly traceparent: string;
}

/** A happening as a journal keeps it. */
export interface FleetEvent extends Omit<Happening, "kind"> {
  /** A ULID; those of one journal rise. */
  readonly id: string;
  /** By the clock of the daemon that saw it. */
  readonly atUnixMs: number;
  /** One of {@link EVENT_KINDS}, or one of a later version. */
  readonly kind: string;
  /** How often it happened within a minute; at least 1. */
  readonly count: number;
}

/** Where happenings are kept. */
export interface EventJournal {
  /** Takes note of something. Never throws, and never waits for the disk. */
  record(happening: Happening): void;
  /** What was kept when it was opened, the newest last and without what became of messages; only the end of it. It is given once, to
   *  who begins to watch. */
  takeBefore(): readonly FleetEvent[];
  /** Calls back with each event as it is kept, before it is on disk. */
  onRecorded(listener: (event: FleetEvent) => void): Disposable;
  /** All that is kept, the newest first. */
  readBack(): AsyncIterable<FleetEvent>;
}

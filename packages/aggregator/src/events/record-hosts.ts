import {
  type Clock,
  conditionChanges,
  type EventJournal,
  type FleetLog,
  followLog,
  hostChanges,
  hostSeen,
  SETTLE_MS,
} from "@mosaic/core";
import type { HostStatus } from "@mosaic/wire";

export interface RecordHostsDeps {
  readonly fleetLog: FleetLog;
  readonly journal: EventJournal;
  readonly clock: Clock;
  /** States of hosts when the journal ended, by `tenant/host`. */
  readonly known: ReadonlyMap<string, string>;
  /** Conditions of hosts then. */
  readonly knownConditions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What only somebody else than the host itself can say of it; all others its own node keeps. */
const OWN_CONDITIONS: ReadonlySet<string> = new Set(["CLOCK_SKEW"]);

/** Keeps which hosts come, go and are heard. It begins with what changed since the journal ended. Disposing ends it. */
export function recordHosts({ fleetLog, journal, clock, known, knownConditions }: RecordHostsDeps): Disposable {
  const states = new Map(known);
  const conditions = new Map(knownConditions);
  const end = new AbortController();
  const record = (key: string, change: ReturnType<typeof hostChanges>[number]) => {
    const slash = key.indexOf("/");
    const of = { tenantId: key.slice(0, slash), host: key.slice(slash + 1) };
    journal.record({ ...change, ...of, agent: "", traceparent: "" });
  };
  const tell = (key: string, status: HostStatus | undefined) => {
    const from = states.get(key);
    const before = from === undefined ? undefined : { state: from, detail: "" };
    const after = status && hostSeen(status);
    for (const change of hostChanges(before, after)) record(key, change);
    if (!after) states.delete(key);
    else if (after.state !== "") states.set(key, after.state);
    // While it can't be heard its clock can't be told either.
    if (after?.state === "LIVE" || after?.state === "DRAINING" || !after) tellConditions(key, status);
  };
  const tellConditions = (key: string, status: HostStatus | undefined) => {
    const before = new Map([...(conditions.get(key) ?? [])].map((type) => [type, ""]));
    const found = status?.conditions.filter(({ type }) => OWN_CONDITIONS.has(type)) ?? [];
    const after = new Map(found.map(({ type, message }) => [type, message]));
    for (const change of conditionChanges(before, after)) if (OWN_CONDITIONS.has(change.to)) record(key, change);
    if (after.size > 0) conditions.set(key, new Set(after.keys()));
    else conditions.delete(key);
  };
  const lookAtAll = () => {
    for (const status of fleetLog.state.hosts()) tell(keyOf(status), status);
  };
  const settle = async () => {
    await clock.sleep(SETTLE_MS, end.signal);
    if (end.signal.aborted) return;
    const expected = new Set(fleetLog.state.hosts().map(keyOf));
    for (const key of [...states.keys()]) if (!expected.has(key)) tell(key, undefined);
  };
  lookAtAll();
  void settle();
  const following = followLog(fleetLog, {
    onLost: lookAtAll,
    onChange(change) {
      if (change.kind === "host") tell(keyOf(change.status), change.status);
      // One that got its id is told of before its name alone is taken away.
      else if (change.kind === "host-removed" && !isStillThere(fleetLog, change.key)) tell(keyOf(change.key), undefined);
    },
  });
  return {
    [Symbol.dispose]() {
      following[Symbol.dispose]();
      end.abort("over");
    },
  };
}

function isStillThere(fleetLog: FleetLog, gone: { readonly tenantId: string; readonly host: string }): boolean {
  return fleetLog.state.hosts().some((host) => host.tenantId === gone.tenantId && host.host === gone.host);
}

function keyOf({ tenantId, host }: { readonly tenantId: string; readonly host: string }): string {
  return `${tenantId}/${host}`;
}

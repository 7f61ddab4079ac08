import {
  type AgentSeen,
  agentChanges,
  agentSeen,
  type Clock,
  type EventJournal,
  type FleetLog,
  followLog,
  isSameForEvents,
  SETTLE_MS,
  stillSeen,
} from "@mosaic/core";
import type { Agent } from "@mosaic/wire";

export interface RecordAgentsDeps {
  readonly fleetLog: FleetLog;
  readonly journal: EventJournal;
  readonly clock: Clock;
  /** The node's own host. */
  readonly of: { readonly tenantId: string; readonly host: string };
  /** How agents were when the journal ended, by `tenant/host/agent`. */
  readonly known: ReadonlyMap<string, AgentSeen>;
}

/** Keeps what happens to the agents of this host: it begins with what changed since the journal ended. Disposing ends it. */
export function recordAgents({ fleetLog, journal, clock, of, known }: RecordAgentsDeps): Disposable {
  const prefix = `${of.tenantId}/${of.host}/`;
  const own = [...known].filter(([key]) => key.startsWith(prefix));
  const seen = new Map(own.map(([key, agent]) => [key.slice(prefix.length), agent]));
  /** As they were told of last: the fleet log's own. */
  const rows = new Map<string, Agent>();
  const end = new AbortController();
  let isSettling = true;
  const noteRow = (row: Agent) => {
    const before = rows.get(row.name);
    rows.set(row.name, row);
    if (!before || !isSameForEvents(before, row)) tell(row.name, row);
  };
  const tell = (name: string, row: Agent | undefined) => {
    if (!row) rows.delete(name);
    const before = seen.get(name);
    const now = row && stillSeen(before, agentSeen(row));
    // What was known before may take a moment to be found out again: it is not over by that.
    const conditions = isSettling && before && now ? new Map([...before.conditions, ...now.conditions]) : now?.conditions;
    const after = now && { ...now, conditions: conditions ?? now.conditions };
    for (const change of agentChanges(before, after)) journal.record({ ...change, ...of, agent: name, traceparent: "" });
    if (after) seen.set(name, after);
    else seen.delete(name);
  };
  const lookAtAll = () => {
    const now = new Map(fleetLog.state.rows().map(({ row }) => [row.name, row]));
    for (const [name, row] of now) tell(name, row);
    if (!isSettling) for (const name of [...seen.keys()]) if (!now.has(name)) tell(name, undefined);
  };
  const settle = async () => {
    await clock.sleep(SETTLE_MS, end.signal);
    isSettling = false;
    if (!end.signal.aborted) lookAtAll();
  };
  lookAtAll();
  void settle();
  const following = followLog(fleetLog, {
    onLost: lookAtAll,
    onChange(change) {
      if (change.kind === "upsert") noteRow(change.row);
      else if (change.kind === "delete") tell(change.key.name, undefined);
    },
  });
  return {
    [Symbol.dispose]() {
      following[Symbol.dispose]();
      end.abort("over");
    },
  };
}

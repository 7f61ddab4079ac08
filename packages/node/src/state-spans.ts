import { enumName, type FleetChange, type FleetLog, followLog, passThroughTracer, type Tracer } from "@mosaic/core";
import { type Agent, AgentState, HeartbeatHealth } from "@mosaic/wire";

/** What of an agent makes a span when it changes. */
interface Seen {
  readonly state: string;
  readonly heartbeat: string;
}

/** One span, a trace of its own, for each change of an agent's state and of its heartbeat's health: `agent.state` and
 *  `agent.heartbeat`, with what it was and what it is. With telemetry off nothing listens. */
export function traceStates(fleetLog: FleetLog, tracer: Tracer): Disposable {
  if (tracer === passThroughTracer) return { [Symbol.dispose]() {} };
  const seen = new Map(fleetLog.state.rows().map(({ row }) => [row.name, seenOf(row)]));
  const note = (change: FleetChange) => {
    if (change.kind === "delete") return void (seen.has(change.key.name) && tell(change.key.name, undefined));
    if (change.kind === "upsert") tell(change.row.name, seenOf(change.row), change.row);
  };
  const tell = (name: string, now: Seen | undefined, row?: Agent) => {
    const before = seen.get(name);
    if (now) seen.set(name, now);
    else seen.delete(name);
    for (const what of ["state", "heartbeat"] as const) {
      const [from, to] = [before?.[what] ?? "none", now?.[what] ?? "none"];
      if (from === to) continue;
      const of = row
        ? { "mosaic.agent": `${row.tenantId}/${row.host}/${name}`, "mosaic.runtime": row.runtime }
        : { "mosaic.agent": name };
      tracer.startSpan(`agent.${what}`, { attributes: { ...of, "mosaic.from": from, "mosaic.to": to } }).end();
    }
  };
  // Nothing is lost that matters when so much changes at once that the log forgot it: the next change of each agent is seen.
  return followLog(fleetLog, { onChange: note });
}

function seenOf({ state, heartbeat }: Agent): Seen {
  return { state: enumName(AgentState, state), heartbeat: heartbeat ? enumName(HeartbeatHealth, heartbeat.health) : "none" };
}

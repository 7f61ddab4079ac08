import { type FleetChange, type FleetLog, passThroughTracer, type Tracer } from "@mosaic/core";
import { type Agent, AgentState, HeartbeatHealth } from "@mosaic/wire";

/** Changes read at once. */
const BATCH = 1000;

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
  let rev = fleetLog.rev;
  let waiting: Disposable | undefined;
  const read = () => {
    const entries = fleetLog.readAfter(rev, BATCH);
    // Nothing is lost that matters when so much changes at once that the log forgot it: the next change of each agent is seen.
    if (typeof entries !== "string") for (const { change } of entries) if (change.kind !== "superseded") note(change);
    rev = typeof entries === "string" || entries.length === 0 ? fleetLog.rev : (entries.at(-1)?.rev ?? fleetLog.rev);
    if (rev < fleetLog.rev) read();
  };
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
  const wait = () => {
    waiting = fleetLog.onNextChange(() => {
      read();
      wait();
    });
  };
  wait();
  return { [Symbol.dispose]: () => waiting?.[Symbol.dispose]() };
}

function seenOf({ state, heartbeat }: Agent): Seen {
  return { state: nameOf(AgentState, state), heartbeat: heartbeat ? nameOf(HeartbeatHealth, heartbeat.health) : "none" };
}

function nameOf(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? String(value);
}

import { formatIsoTime, parseIsoTime } from "../health/iso-time.ts";
import { parseMapping, textOf } from "../text/json-values.ts";
import type { FleetEvent } from "./fleet-event.ts";

/** Longest reason that is kept, in UTF-16 units. */
const MAX_REASON = 400;
const MAX_NAME = 300;

/** One event as a line of a journal, without its line break: JSON in ASCII, so that nothing in it acts on a terminal. Fields that
 *  are empty are left out, and `count` when it is 1. */
export function formatEventLine(event: FleetEvent): string {
  const { id, atUnixMs, kind, tenantId, host, agent, from, to, reason, count, traceparent } = event;
  const fields = { tenant_id: tenantId, host, agent, from, to };
  const named = Object.entries(fields).flatMap(([name, value]) => (value === "" ? [] : [[name, value.slice(0, MAX_NAME)]]));
  const line = {
    ...{ id, at: `${formatIsoTime(atUnixMs).slice(0, 23)}Z`, kind },
    ...Object.fromEntries(named),
    ...(reason === "" ? {} : { reason: reason.slice(0, MAX_REASON) }),
    ...(count === 1 ? {} : { count }),
    ...(traceparent === "" ? {} : { traceparent: traceparent.slice(0, 64) }),
  };
  return JSON.stringify(line).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Reads one line of a journal; undefined: it is no event, as what a crash left of one. */
export function parseEventLine(line: string): FleetEvent | undefined {
  const value = parseMapping(line);
  if (!value) return undefined;
  const atUnixMs = parseIsoTime(textOf(value["at"]));
  const [id, kind] = [textOf(value["id"]), textOf(value["kind"])];
  if (id === "" || kind === "" || atUnixMs === undefined) return undefined;
  const { count } = value;
  return {
    ...{ id, atUnixMs, kind, count: typeof count === "number" && count >= 1 ? Math.floor(count) : 1 },
    ...{ tenantId: textOf(value["tenant_id"]), host: textOf(value["host"]), agent: textOf(value["agent"]) },
    ...{ from: textOf(value["from"]), to: textOf(value["to"]), reason: textOf(value["reason"]) },
    traceparent: textOf(value["traceparent"]),
  };
}

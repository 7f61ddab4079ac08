import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import { exitCodeOf } from "../fleet/ps-answer.ts";
import type { FleetQuestion, FleetReading } from "../fleet/read-fleet.ts";
import { silentHosts, verify } from "../fleet/verify-answer.ts";

/** What `health --json` prints. The names of its fields are a contract; see health.test.ts. */
export interface HealthAnswer {
  readonly schema: "mosaic.health/1";
  readonly complete: boolean;
  /** `partial`: some of it does not answer or is not live. `silent`: nobody answered. */
  readonly status: "healthy" | "partial" | "silent";
  readonly hosts: { readonly total: number; readonly answering: number };
  /** Core agents of the rosters. */
  readonly agents: { readonly total: number; readonly live: number };
  /** Types of what the answerer and the hosts say is wrong. */
  readonly conditions: readonly string[];
  /** The same in one line. */
  readonly summary: string;
}

/** Judges a fleet as it was told. A fleet of no hosts is healthy. */
export function toHealth(question: FleetQuestion, reading: FleetReading): HealthAnswer {
  const { answer } = verify(question, reading, []);
  const silent = silentHosts(answer).length;
  const live = answer.items.filter((item) => item.live).length;
  const told = [...(reading.conditions ?? []), ...reading.hosts.flatMap(({ conditions = [] }) => conditions)];
  // A fleet without systemd is meant to be so, and says it of itself for ever.
  const conditions = [...new Set(told.map(({ type = "" }) => type))].filter((type) => type !== "NO_SYSTEMD").sort();
  const isSound = answer.complete && live === answer.items.length && conditions.length === 0;
  const status = exitCodeOf(answer, false) === EXIT_CODES.nobodyAnswered ? "silent" : isSound ? "healthy" : "partial";
  const hosts = { total: answer.hosts.length, answering: answer.hosts.length - silent };
  const agents = { total: answer.items.length, live };
  const wrong = conditions.length === 0 ? "" : `; ${conditions.join(", ")}`;
  const summary = `${status}: ${hosts.answering} of ${hosts.total} hosts answer, ${live} of ${agents.total} core agents are live${wrong}`;
  return { schema: "mosaic.health/1", complete: answer.complete, status, hosts, agents, conditions, summary };
}

/** Errors that mean that nobody answered. */
const SILENCE: ReadonlySet<string> = new Set(["NOT_SERVED", "DEADLINE", "HOST_UNREACHABLE"]);

/** Makes an answer of that nobody did.
 *  @throws MosaicError the same, when it says something else */
export function silentHealth(thrown: unknown): HealthAnswer {
  const error = MosaicError.from(thrown);
  if (!SILENCE.has(error.code)) throw error;
  const none = { hosts: { total: 0, answering: 0 }, agents: { total: 0, live: 0 }, conditions: [] };
  return { schema: "mosaic.health/1", complete: false, status: "silent", ...none, summary: `silent: ${error.message}` };
}

/** The exit code of each state. */
export const HEALTH_EXIT_CODES: Readonly<Record<HealthAnswer["status"], number>> = {
  healthy: EXIT_CODES.ok,
  partial: EXIT_CODES.partial,
  silent: EXIT_CODES.nobodyAnswered,
};

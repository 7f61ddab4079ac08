import type { CommandDeps } from "../command.ts";
import type { Io } from "../io/io.ts";
import { isAnswering, toPsAnswer, type Via } from "./ps-answer.ts";
import { freshReading, type HostReading, type PsHost, toPsHost } from "./ps-host.ts";
import { type FleetQuestion, type FleetReading, readFleet } from "./read-fleet.ts";
import { selectAgents } from "./select-agents.ts";
import { type JudgedItem, judgeItem, type StatusItem } from "./status-item.ts";

/** What `fleet status --json` and `agent status --json` print. The names of its fields are a contract; see status.test.ts. */
export interface StatusAnswer {
  readonly schema: "mosaic.fleet.status/1" | "mosaic.agent.status/1";
  /** True when every host of the agents shown answered. */
  readonly complete: boolean;
  readonly scope: { readonly tenants: readonly string[]; readonly hosts?: readonly string[] };
  readonly via: Via;
  readonly hosts: readonly PsHost[];
  readonly items: readonly StatusItem[];
}

export interface StatusReading {
  readonly answer: StatusAnswer;
  /** The answer's items with what was worked out, in their order. */
  readonly judged: readonly JudgedItem[];
  readonly notes: readonly string[];
}

/** Reads agents in detail.
 *  @param addresses only these; empty: every agent that is known
 *  @throws MosaicError as `readFleet` and `selectAgents` */
export async function readStatus(
  schema: StatusAnswer["schema"],
  question: FleetQuestion,
  addresses: readonly string[],
  world: { readonly io: Io; readonly deps: CommandDeps },
): Promise<StatusReading> {
  const reading = await readFleet(question, world.io, world.deps);
  const rows = selectAgents(reading.agents, addresses);
  const shown = addresses.length === 0 ? reading.hosts : reading.hosts.filter((host) => rows.some((row) => isOf(row, host)));
  const readings = shown.map(freshReading);
  const judged = rows.map((row) => judgeItem(row, hostOf(row, readings)));
  const { scope } = toPsAnswer({ ...question, maxAgeMs: undefined }, reading.via, readings, []);
  const hosts = readings.map(toPsHost);
  const answer = {
    schema,
    complete: hosts.every(isAnswering),
    scope,
    via: reading.via,
    hosts,
    items: judged.map(({ item }) => item),
  };
  return { answer, judged, notes: reading.notes };
}

/** Judges every row of a reading that is wanted. */
export function judgeReading(reading: FleetReading, addresses: readonly string[]): readonly JudgedItem[] {
  const readings = reading.hosts.map(freshReading);
  return selectAgents(reading.agents, addresses).map((row) => judgeItem(row, hostOf(row, readings)));
}

type Keyed = { readonly tenantId?: string; readonly hostId?: string; readonly host?: string };

function hostOf(row: Keyed, readings: readonly HostReading[]): HostReading | undefined {
  return readings.find(({ status }) => isOf(row, status));
}

// A host that a node never ran on has no id.
function isOf(row: Keyed, host: Keyed): boolean {
  const sameHost = row.hostId || host.hostId ? row.hostId === host.hostId : row.host === host.host;
  return (row.tenantId ?? "") === (host.tenantId ?? "") && sameHost;
}

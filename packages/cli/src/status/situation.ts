import { MosaicError } from "@mosaic/core/light";
import { type Endpoint, formatEndpoint } from "@mosaic/rpc/plain-unary";
import type { InfoResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { isAnswering, toPsAnswer, type Via } from "../fleet/ps-answer.ts";
import { freshReading, type PsCondition, type PsHost } from "../fleet/ps-host.ts";
import { readFleet } from "../fleet/read-fleet.ts";
import { judgeReading } from "../fleet/status-answer.ts";
import type { JudgedItem } from "../fleet/status-item.ts";
import type { Io } from "../io/io.ts";
import { DEFAULT_TIMEOUT_MS, type GlobalOptions } from "../parse/global-options.ts";

/** How it stands, as far as it can be told from here. */
export interface Situation {
  readonly node: DaemonSituation;
  readonly aggregator: DaemonSituation;
  /** Undefined: nobody could tell. */
  readonly fleet: FleetSituation | undefined;
  /** Why nobody could; undefined: somebody did. */
  readonly problem: MosaicError | undefined;
  readonly notes: readonly string[];
}

/** One daemon of this home. */
export interface DaemonSituation {
  readonly endpoint: string;
  readonly answers: boolean;
  readonly version: string;
  readonly pid: number | null;
  readonly uptime_ms: number | null;
  /** Why it does not answer; empty: it does. */
  readonly detail: string;
}

export interface FleetSituation {
  readonly via: Via;
  readonly complete: boolean;
  readonly hosts: readonly PsHost[];
  readonly judged: readonly JudgedItem[];
  /** What is wrong with the answerer itself. */
  readonly conditions: readonly PsCondition[];
}

/** Asks this home's daemons and, through the best of them, for the fleet; looks at this host itself where nobody answers.
 *  @throws MosaicError CANCELLED, USAGE */
export async function readSituation(globals: GlobalOptions, io: Io, deps: CommandDeps): Promise<Situation> {
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const socket = (name: string) => ({ kind: "unix", path: `${globals.mosaicHome}/fleet/run/${name}.sock` }) as const;
  const [node, aggregator, told] = await Promise.all([
    askDaemon(socket("node"), deps, timeoutMs),
    askDaemon(socket("aggregator"), deps, timeoutMs),
    readFleetSituation(globals, timeoutMs, io, deps),
  ]);
  if (told instanceof MosaicError) return { node, aggregator, fleet: undefined, problem: told, notes: [] };
  return { node, aggregator, fleet: told.fleet, problem: undefined, notes: told.notes };
}

async function readFleetSituation(
  globals: GlobalOptions,
  timeoutMs: number,
  io: Io,
  deps: CommandDeps,
): Promise<{ readonly fleet: FleetSituation; readonly notes: readonly string[] } | MosaicError> {
  const question = { globals, reach: "anywhere", tenants: [], hosts: [], isLive: false, timeoutMs } as const;
  try {
    const reading = await readFleet(question, io, deps);
    const readings = reading.hosts.map(freshReading);
    const asked = { ...question, maxAgeMs: undefined };
    const { hosts, complete, conditions } = toPsAnswer(asked, reading.via, readings, [], reading.conditions, reading.scope);
    return { fleet: { via: reading.via, complete, hosts, judged: judgeReading(reading, []), conditions }, notes: reading.notes };
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    // Everything else that stands in the way is what a person asks the status about.
    if (error.code === "CANCELLED" || error.code === "USAGE") throw error;
    return error;
  }
}

async function askDaemon(endpoint: Endpoint, { remote }: CommandDeps, timeoutMs: number): Promise<DaemonSituation> {
  const none = { endpoint: formatEndpoint(endpoint), answers: false, version: "", pid: null, uptime_ms: null, detail: "" };
  try {
    const { version = "", pid, uptimeMs = "0" } = await remote.unary<InfoResponseJson>(endpoint, "Info", {}, timeoutMs);
    return { ...none, answers: true, version, pid: pid ?? null, uptime_ms: Number(uptimeMs) };
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (error.code === "CANCELLED") throw error;
    return { ...none, detail: error.message };
  }
}

/** The hosts of a fleet that do not answer now. */
export function silentOf({ hosts }: Pick<FleetSituation, "hosts">): readonly PsHost[] {
  return hosts.filter((host) => !isAnswering(host));
}

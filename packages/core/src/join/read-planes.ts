import type { Clock } from "../ports/clock.ts";
import type { ProcessFacts, ProcessTable } from "../ports/process-table.ts";
import type { TerminalServer } from "../ports/terminal-server.ts";
import type { UnitTable } from "../ports/units.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";
import type { Roster } from "../roster/roster.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";
import type { PlaneReadings } from "./join-planes.ts";
import { PlaneReader } from "./plane-reader.ts";

/** The planes of one host, as ports. */
export interface Planes {
  readonly terminal: TerminalServer;
  readonly units: UnitTable;
  readonly processes: ProcessTable;
  readonly files: WatchedFiles;
  readonly clock: Clock;
  /** Names what really runs in a pane when that is certainly not the runtime the roster asks for; else undefined. */
  readonly driftOf: (runtime: string, process: ProcessFacts, children: readonly ProcessFacts[]) => string | undefined;
  /** Names the runtime that a process certainly is; else undefined. */
  readonly runtimeOf: (process: ProcessFacts, children: readonly ProcessFacts[]) => string | undefined;
}

export interface ReadPlanesOptions {
  readonly roster: Roster;
  readonly hostId: string;
  /** Folder of the heartbeat files. */
  readonly runDirectory: string;
  /** Heartbeats that came as calls, by agent name; empty without a node. */
  readonly reported: ReadonlyMap<string, HeartbeatReading>;
}

/** Who looks once has no second chance: long enough for a machine that is just starting, short enough for a person. */
const PATIENCE_MS = 1500;

/** Reads every plane once. The number of processes started does not depend on the number of agents.
 *  @throws MosaicError MACHINE when the terminal server or the folder can't be read. */
export async function readPlanes(planes: Planes, options: ReadPlanesOptions, signal: AbortSignal): Promise<PlaneReadings> {
  const reader = new PlaneReader(planes, { runDirectory: options.runDirectory, patienceMs: PATIENCE_MS });
  const readings = await reader.read(options, signal);
  // One look can't tell how long something has been as it is.
  return { ...readings, progress: new Map() };
}

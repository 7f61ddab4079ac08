import type { Clock } from "../ports/clock.ts";
import type { ProcessFacts, ProcessTable } from "../ports/process-table.ts";
import type { TerminalServer } from "../ports/terminal-server.ts";
import type { UnitTable } from "../ports/units.ts";
import type { WatchedFiles } from "../ports/watched-file.ts";
import type { Roster } from "../roster/roster.ts";
import type { AgentTold } from "./agent-told.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

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

/** What is to be read besides the planes themselves. */
export interface ReadPlanesOptions {
  readonly roster: Roster;
  readonly hostId: string;
  /** Folder of the heartbeat files. */
  readonly runDirectory: string;
  /** Heartbeats that came as calls, by agent name; empty without a node. */
  readonly reported: ReadonlyMap<string, HeartbeatReading>;
  /** What else a node knows, by agent name. Absent: nothing. */
  readonly told?: ReadonlyMap<string, AgentTold> | undefined;
}

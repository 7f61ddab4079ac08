import type { PaneFacts } from "../ports/terminal-server.ts";
import type { Roster } from "../roster/roster.ts";
import type { AgentTold } from "./agent-told.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";
import type { ProgressMemory } from "./progress.ts";
import type { UnitPlane } from "./unit-plane.ts";

/** What every plane of one host showed at one moment. */
export interface PlaneReadings {
  readonly roster: Roster;
  readonly hostId: string;
  /** The host's wall clock at that moment, in ms. */
  readonly nowUnixMs: number;
  readonly panes: readonly PaneFacts[];
  readonly units: UnitPlane;
  /** By agent name. */
  readonly heartbeats: ReadonlyMap<string, HeartbeatReading>;
  readonly progress: ProgressMemory;
  /** What else a node knows, by agent name. Absent: nothing. */
  readonly told?: ReadonlyMap<string, AgentTold> | undefined;
  /** What runs in a pane instead of the runtime that the roster asks for; undefined: no drift, or can't tell. */
  readonly driftIn: (runtime: string, pane: PaneFacts) => string | undefined;
  /** The runtime that certainly runs in a pane; undefined: none, or can't tell. */
  readonly runtimeIn: (pane: PaneFacts) => string | undefined;
}

import { AgentState, Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { HeartbeatHealthName } from "../health/heartbeat-health.ts";
import type { PaneFacts } from "../ports/terminal-server.ts";
import type { RosterAgent } from "../roster/roster.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";
import { WEDGED_AFTER_MS } from "./progress.ts";

export interface JudgedState {
  readonly state: AgentState;
  readonly waitingFor: string;
  readonly detail: string;
}

/** What an agent's state is judged by. */
export interface StateFacts {
  readonly pane: PaneFacts | undefined;
  readonly reading: HeartbeatReading | undefined;
  readonly health: HeartbeatHealthName | undefined;
  readonly entry: Pick<RosterAgent, "lifecycle"> | undefined;
  readonly isWedged: boolean;
}

/** What an agent is doing, from its pane and its newest heartbeat. A pane that lives proves nothing about the agent, so
 *  without a healthy heartbeat the state is unknown, never idle; a unit proves less still and is not even asked. */
export function judgeState({ pane, reading, health, entry, isWedged }: StateFacts): JudgedState {
  // An ephemeral agent is started for a lane only: that it does not run is how it should be.
  if (!pane && entry?.lifecycle === "ephemeral") return judged(AgentState.UNSPECIFIED, "not started");
  if (!pane) return judged(AgentState.DEAD, "no session");
  if (pane.isDead)
    return judged(AgentState.DEAD, pane.exitStatus === undefined ? "process ended" : `exited with ${pane.exitStatus}`);
  if (!reading) return judged(AgentState.UNSPECIFIED, "no heartbeat yet");
  if (health === "stale") return judged(AgentState.UNSPECIFIED, "heartbeat is stale");
  if (health === "clock-skew") return judged(AgentState.UNSPECIFIED, "heartbeat is from the future");
  if (isWedged) return judged(AgentState.WEDGED, `busy, and nothing moved for ${WEDGED_AFTER_MS / 60_000} min`);
  return stateOfStatus(reading);
}

function stateOfStatus(heartbeat: HeartbeatReading): JudgedState {
  switch (heartbeat.status) {
    case HeartbeatStatus.READY:
      return judged(AgentState.READY);
    case HeartbeatStatus.BUSY:
      return judged(AgentState.WORKING);
    case HeartbeatStatus.WAITING:
      return { state: AgentState.WAITING, waitingFor: heartbeat.waitingFor, detail: heartbeat.detail };
    case HeartbeatStatus.FAILED:
      return judged(AgentState.FAILED, heartbeat.detail);
    case HeartbeatStatus.IDLE:
      return judged(AgentState.IDLE);
    case HeartbeatStatus.OK:
      // A sidecar knows that the process lives, not whether it works.
      return heartbeat.evidence === Evidence.SIDECAR
        ? judged(AgentState.UNSPECIFIED, "only a sidecar reports")
        : judged(AgentState.IDLE);
    default:
      return judged(AgentState.UNSPECIFIED);
  }
}

function judged(state: AgentState, detail = ""): JudgedState {
  return { state, waitingFor: "", detail };
}

import { AgentState, Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { heartbeatHealth } from "../health/heartbeat-health.ts";
import type { PaneFacts } from "../ports/terminal-server.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

/** The words a heartbeat is judged with. */
export type HeartbeatHealthName = ReturnType<typeof heartbeatHealth>;

export interface JudgedState {
  readonly state: AgentState;
  readonly waitingFor: string;
  readonly detail: string;
}

/** What an agent is doing, from its pane and its newest heartbeat. A pane that lives proves nothing about the agent, so
 *  without a healthy heartbeat the state is unknown, never idle. */
export function judgeState(
  pane: PaneFacts | undefined,
  heartbeat: HeartbeatReading | undefined,
  health: HeartbeatHealthName | undefined,
): JudgedState {
  if (!pane) return judged(AgentState.DEAD, "no session");
  if (pane.isDead)
    return judged(AgentState.DEAD, pane.exitStatus === undefined ? "process ended" : `exited with ${pane.exitStatus}`);
  if (!heartbeat) return judged(AgentState.UNSPECIFIED, "no heartbeat yet");
  if (health === "stale") return judged(AgentState.UNSPECIFIED, "heartbeat is stale");
  if (health === "clock-skew") return judged(AgentState.UNSPECIFIED, "heartbeat is from the future");
  return stateOfStatus(heartbeat);
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

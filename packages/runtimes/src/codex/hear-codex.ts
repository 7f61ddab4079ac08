import { type AgentReport, HeartbeatStatus } from "@mosaic/core";
import type { HookEvent } from "../contract.ts";
import { type Fields, fieldsOf, textIn } from "../event-fields.ts";
import { hearHook, promptsTaken } from "../hook-events.ts";
import { leaveAsked, leaveSettled } from "../leave-asked.ts";

/** Reads one event of Codex's hooks. Threads that Codex hides, such as the one that makes a title, call no hook. */
export function hearCodex({ payload }: HookEvent): AgentReport | undefined {
  return hearHook(fieldsOf(payload), toldBy);
}

function toldBy(name: string, event: Fields): AgentReport | undefined {
  const turnId = textIn(event, "turn_id");
  const ofTurn = turnId === undefined ? {} : { turnId };
  switch (name) {
    case "SessionStart":
      // Comes with the first prompt and not before. A conversation that is compacted goes on where it was.
      return event["source"] === "compact" ? {} : { status: HeartbeatStatus.READY, resolvedRequestIds: ["*"] };
    case "UserPromptSubmit":
      return { status: HeartbeatStatus.BUSY, ...ofTurn, accepted: promptsTaken(event, turnId) };
    case "PreToolUse":
    case "PostToolUse":
      return { isProgress: true };
    case "PermissionRequest":
      return { ...leaveAsked(event), ...ofTurn };
    case "MosaicSettled":
      return leaveSettled(event);
    case "Stop":
      return { status: HeartbeatStatus.IDLE, ...ofTurn, endedTurnIds: turnId ? [turnId] : [], resolvedRequestIds: ["*"] };
    case "Interrupt":
      return { status: HeartbeatStatus.IDLE, ...ofTurn, brokenTurns: interrupted(turnId), resolvedRequestIds: ["*"] };
    case "SessionEnd":
      return { resolvedRequestIds: ["*"] };
    default:
      return undefined;
  }
}

function interrupted(turnId: string | undefined): NonNullable<AgentReport["brokenTurns"]> {
  return turnId === undefined ? [] : [{ turnId, isInterrupted: true, detail: "interrupted in its terminal" }];
}

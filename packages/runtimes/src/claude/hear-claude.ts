import { type AgentReport, HeartbeatStatus } from "@mosaic/core";
import type { HookEvent } from "../contract.ts";
import { type Fields, fieldsOf, textIn } from "../event-fields.ts";
import { failureNamed, turnFailed } from "../failure-words.ts";
import { hearHook, promptsTaken } from "../hook-events.ts";
import { leaveAsked, leaveSettled } from "../leave-asked.ts";

/** Reads one event of Claude Code's hooks. */
export function hearClaude({ payload }: HookEvent): AgentReport | undefined {
  return hearHook(fieldsOf(payload), toldBy);
}

function toldBy(name: string, event: Fields): AgentReport | undefined {
  const turnId = textIn(event, "prompt_id");
  const ofTurn = turnId === undefined ? {} : { turnId };
  switch (name) {
    case "SessionStart":
      // A conversation that is compacted goes on where it was.
      return event["source"] === "compact" ? {} : { status: HeartbeatStatus.READY, resolvedRequestIds: ["*"] };
    case "UserPromptSubmit":
      return {
        ...{ status: HeartbeatStatus.BUSY, ...ofTurn, accepted: promptsTaken(event, turnId), resolvedRequestIds: ["*"] },
        ...ownTrace(event),
      };
    case "PreToolUse":
    case "PostToolUse":
    case "PostToolUseFailure":
      return { isProgress: true };
    case "PermissionRequest":
      return { ...leaveAsked(event), ...ofTurn };
    case "MosaicSettled":
      return leaveSettled(event);
    case "Notification":
      return toldByNotification(textIn(event, "notification_type"));
    case "Stop":
      return { status: HeartbeatStatus.IDLE, ...ofTurn, endedTurnIds: turnId ? [turnId] : [], resolvedRequestIds: ["*"] };
    case "StopFailure":
      return toldByFailure(event, turnId);
    case "SessionEnd":
      return { resolvedRequestIds: ["*"] };
    default:
      return undefined;
  }
}

// Its hooks are told its own span of the turn where it keeps traces; ours puts that beside what came.
function ownTrace(event: Fields): Pick<AgentReport, "traceparent"> {
  const traceparent = textIn(event, "mosaic_traceparent");
  return traceparent === undefined ? {} : { traceparent };
}

// `idle_prompt` comes a minute after the end of a turn, which is known by then.
function toldByNotification(type: string | undefined): AgentReport {
  if (type === "permission_prompt") return { status: HeartbeatStatus.WAITING, waitingFor: "permission" };
  const isQuestion = type === "elicitation_dialog" || type === "elicitation_url_dialog" || type === "agent_needs_input";
  return isQuestion ? { status: HeartbeatStatus.WAITING, waitingFor: "input" } : {};
}

function toldByFailure(event: Fields, turnId: string | undefined): AgentReport {
  const error = textIn(event, "error") ?? "unknown";
  const words = textIn(event, "last_assistant_message");
  const detail = FAILURES[error] ?? failureNamed(`${error} ${words ?? ""}`);
  const brokenTurns = turnId === undefined ? [] : [turnFailed(turnId, detail, words)];
  return { status: HeartbeatStatus.FAILED, detail, ...(turnId && { turnId }), brokenTurns, resolvedRequestIds: ["*"] };
}

/** Its own names of what went wrong; `server_error` and `unknown` are told apart by their words. */
const FAILURES: Readonly<Record<string, string>> = {
  rate_limit: "rate_limit",
  overloaded: "overloaded",
  authentication_failed: "auth",
  oauth_org_not_allowed: "auth",
  billing_error: "billing",
  invalid_request: "invalid_request",
  model_not_found: "invalid_request",
  max_output_tokens: "max_output_tokens",
};

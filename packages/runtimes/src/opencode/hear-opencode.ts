import { type AgentReport, Evidence, HeartbeatStatus } from "@mosaic/core";
import type { HookEvent } from "../contract.ts";
import { type Fields, fieldsOf, textIn, textsIn } from "../event-fields.ts";
import { brokenTurnsIn, failureNamed } from "../failure-words.ts";

/** Reads one event of `framework/runtimes/opencode/`, whose words these are. */
export function hearOpencode({ payload }: HookEvent): AgentReport | undefined {
  const fields = fieldsOf(payload);
  const told = toldBy(textIn(fields, "event"), fields);
  const sessionId = textIn(fields, "sessionId");
  return told === undefined || sessionId === undefined ? told : { ...told, sessionId };
}

function toldBy(event: string | undefined, fields: Fields): AgentReport | undefined {
  const requestId = textIn(fields, "requestId");
  switch (event) {
    case "loaded":
      return { status: HeartbeatStatus.READY };
    case "accepted":
      return accepted(textIn(fields, "text"), textIn(fields, "turnId"));
    case "busy":
      return { status: HeartbeatStatus.BUSY };
    case "retry":
      return { status: HeartbeatStatus.BUSY, detail: `tries again: ${failureNamed(textIn(fields, "reason") ?? "")}` };
    case "idle":
      return { status: HeartbeatStatus.IDLE, endedTurnIds: textsIn(fields, "turnIds") };
    case "broken":
      return broken(fields);
    case "asked":
      return requestId === undefined ? undefined : asked(requestId, fields);
    case "question":
      return { status: HeartbeatStatus.WAITING, waitingFor: "input" };
    case "question_ended":
      return { status: HeartbeatStatus.BUSY };
    case "replied":
      return requestId === undefined ? undefined : { status: HeartbeatStatus.BUSY, resolvedRequestIds: [requestId] };
    case "progress":
      return { isProgress: true };
    default:
      return undefined;
  }
}

function accepted(text: string | undefined, turnId: string | undefined): AgentReport | undefined {
  if (text === undefined || turnId === undefined) return undefined;
  return { status: HeartbeatStatus.BUSY, turnId, accepted: [{ text, turnId, evidence: Evidence.HOOK }] };
}

function broken(fields: Fields): AgentReport {
  const brokenTurns = brokenTurnsIn(fields);
  if (fields["isInterrupted"] === true) return { status: HeartbeatStatus.IDLE, brokenTurns };
  return { status: HeartbeatStatus.FAILED, detail: failureNamed(textIn(fields, "reason") ?? ""), brokenTurns };
}

function asked(requestId: string, fields: Fields): AgentReport {
  const summary = (textIn(fields, "summary") ?? "").replace(/\s+/g, " ").slice(0, 500);
  const request = { requestId, tool: textIn(fields, "tool") ?? "", summary, answerable: true };
  return { status: HeartbeatStatus.WAITING, waitingFor: "permission", asked: [request] };
}

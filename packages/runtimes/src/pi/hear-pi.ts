import { type AgentReport, Evidence, HeartbeatStatus } from "@mosaic/core";
import type { HookEvent } from "../contract.ts";
import { type Fields, fieldsOf, textIn, textsIn } from "../event-fields.ts";
import { brokenTurnsIn, failureNamed } from "../failure-words.ts";

/** Reads one event of `framework/runtimes/pi/`, whose words these are. */
export function hearPi({ payload }: HookEvent): AgentReport | undefined {
  const fields = fieldsOf(payload);
  const told = toldBy(textIn(fields, "event"), fields);
  const sessionId = textIn(fields, "sessionId");
  return told === undefined || sessionId === undefined ? told : { ...told, sessionId };
}

function toldBy(event: string | undefined, fields: Fields): AgentReport | undefined {
  const [text, turnId] = [textIn(fields, "text"), textIn(fields, "turnId")];
  switch (event) {
    case "session_start": {
      const transcriptPath = textIn(fields, "transcriptPath");
      return { status: HeartbeatStatus.READY, ...(transcriptPath === undefined ? {} : { transcriptPath }) };
    }
    case "accepted":
      if (text === undefined || turnId === undefined) return undefined;
      return { status: HeartbeatStatus.BUSY, turnId, accepted: [{ text, turnId, evidence: Evidence.HOOK }] };
    case "agent_start":
      return { status: HeartbeatStatus.BUSY };
    case "agent_end":
      return { status: HeartbeatStatus.IDLE, endedTurnIds: textsIn(fields, "turnIds") };
    case "failed":
      return { status: HeartbeatStatus.FAILED, detail: failureNamed(textIn(fields, "reason") ?? "") };
    case "broken":
      return { brokenTurns: brokenTurnsIn(fields) };
    case "session_shutdown":
      return {};
    case "progress":
      return { isProgress: true };
    default:
      return undefined;
  }
}

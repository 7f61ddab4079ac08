import { type AgentReport, HeartbeatStatus } from "@mosaic/core";
import { type Fields, fieldsOf, parsedFields, textIn } from "../event-fields.ts";
import { failureNamed, turnFailed } from "../failure-words.ts";

/** Reads one line of Codex's conversation file, for what its hooks leave out: it calls none when a turn fails. */
export function hearCodexTranscript(line: string): AgentReport | undefined {
  // Most lines are long and tell nothing: they are not even parsed.
  if (!/"type":"(task_complete|turn_aborted)"/.test(line)) return undefined;
  const entry = parsedFields(line);
  const event = fieldsOf(entry["payload"]);
  const turnId = textIn(event, "turn_id");
  if (entry["type"] !== "event_msg" || turnId === undefined) return undefined;
  switch (textIn(event, "type")) {
    case "task_complete":
      return isObject(event["error"]) ? failed(turnId, fieldsOf(event["error"])) : ended(turnId);
    case "turn_aborted": {
      const reason = textIn(event, "reason") ?? "";
      // A turn that is replaced goes on under another id.
      const status = reason === "replaced" ? {} : { status: HeartbeatStatus.IDLE };
      return { ...status, turnId, brokenTurns: [{ turnId, isInterrupted: reason === "interrupted", detail: reason }] };
    }
    default:
      return undefined;
  }
}

function ended(turnId: string): AgentReport {
  return { status: HeartbeatStatus.IDLE, turnId, endedTurnIds: [turnId] };
}

function failed(turnId: string, error: Fields): AgentReport {
  const [info, words] = [error["codex_error_info"], textIn(error, "message")];
  const detail = failureNamed(`${typeof info === "string" ? info : JSON.stringify(info ?? "")} ${words ?? ""}`);
  return { status: HeartbeatStatus.FAILED, detail, turnId, brokenTurns: [turnFailed(turnId, detail, words)] };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

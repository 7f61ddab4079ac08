import { type AgentReport, Evidence } from "@mosaic/core";
import { type Fields, textIn } from "./event-fields.ts";

/** Reads one event of Claude Code's or Codex's hooks: what it tells by its name, and where the conversation is. What a sub-agent
 *  does only shows that the agent goes on, unless it asks for leave.
 *  @param toldBy what an event of that name tells of the agent itself; undefined: nothing */
export function hearHook(
  event: Fields,
  toldBy: (name: string, event: Fields) => AgentReport | undefined,
): AgentReport | undefined {
  const name = textIn(event, "hook_event_name") ?? "";
  if (textIn(event, "agent_id") !== undefined) return name === "PermissionRequest" ? toldBy(name, event) : { isProgress: true };
  const told = toldBy(name, event);
  const sessionId = textIn(event, "session_id");
  const transcriptPath = textIn(event, "transcript_path");
  return told && { ...told, ...(sessionId && { sessionId }), ...(transcriptPath && { transcriptPath }) };
}

/** The prompt of a `UserPromptSubmit`; none when it was too long for the hook, which then tells of the turn only. */
export function promptsTaken(event: Fields, turnId = ""): NonNullable<AgentReport["accepted"]> {
  const text = textIn(event, "prompt");
  return text === undefined ? [] : [{ text, turnId, evidence: Evidence.HOOK }];
}

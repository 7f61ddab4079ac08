import { type AgentReport, Evidence, HeartbeatStatus, type PromptTaken } from "@mosaic/core";
import { type Fields, fieldsOf, parsedFields, textIn } from "../event-fields.ts";

/** Reads one line of Claude Code's conversation file, for what its hooks leave out: a text that was typed during a tool call, the
 *  turn that a queued text ended up in, and an interruption. Turns of sub-agents are in the same file and are left out. */
export function hearClaudeTranscript(line: string): AgentReport | undefined {
  const entry = parsedFields(line);
  if (entry["isSidechain"] === true || entry["isMeta"] === true) return undefined;
  switch (textIn(entry, "type")) {
    case "queue-operation":
      return entry["operation"] === "enqueue" ? taken({ text: textIn(entry, "content") }) : undefined;
    case "attachment": {
      const attachment = fieldsOf(entry["attachment"]);
      if (attachment["type"] !== "queued_command" || attachment["commandMode"] !== "prompt") return undefined;
      return taken({ text: textIn(attachment, "prompt"), joinsOpenTurn: true });
    }
    case "user":
      return toldByUser(entry);
    default:
      return undefined;
  }
}

function toldByUser(entry: Fields): AgentReport | undefined {
  const turnId = textIn(entry, "promptId");
  const text = textOf(fieldsOf(entry["message"])["content"]);
  if (turnId === undefined || text === undefined) return undefined;
  if (!/^\[Request interrupted by user( for tool use)?\]$/.test(text)) {
    // The hook tells of every other prompt, and once is enough.
    return entry["promptSource"] === "queued" ? taken({ text, turnId, movesTurn: true }) : undefined;
  }
  const detail = "interrupted in its terminal";
  return {
    status: HeartbeatStatus.IDLE,
    turnId,
    brokenTurns: [{ turnId, isInterrupted: true, detail }],
    resolvedRequestIds: ["*"],
  };
}

function taken(prompt: { text: string | undefined } & Partial<Omit<PromptTaken, "text">>): AgentReport | undefined {
  const { text, turnId = "", ...more } = prompt;
  if (text === undefined) return undefined;
  return { accepted: [{ text, turnId, evidence: Evidence.TRANSCRIPT, ...more }] };
}

// A typed text, or a list of blocks; one that holds a tool's result is not the user's.
function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content === "" ? undefined : content;
  const blocks = Array.isArray(content) ? content.map(fieldsOf) : [];
  const texts = blocks.flatMap((block) => (block["type"] === "text" ? (textIn(block, "text") ?? []) : []));
  return texts.length === 0 || blocks.some((block) => block["type"] === "tool_result") ? undefined : texts.join("\n");
}

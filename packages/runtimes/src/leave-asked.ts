import type { AgentReport, LeaveAsked } from "@mosaic/core";
import { HeartbeatStatus } from "@mosaic/core";
import { type Fields, fieldsOf, textIn } from "./event-fields.ts";

const MAX_SUMMARY = 500;
const MAX_NAME = 200;

/** Reads a request for leave as the hook of Claude Code and Codex writes it: the runtime's own event, an id that the hook gave it,
 *  and whether the hook waits for an answer. The same id again replaces what it said before. */
export function leaveAsked(event: Fields): AgentReport {
  const requestId = textIn(event, "mosaic_request_id");
  const tool = (textIn(event, "tool_name") ?? "").slice(0, MAX_NAME);
  const waiting = { status: HeartbeatStatus.WAITING, waitingFor: QUESTIONS.has(tool) ? "input" : "permission" };
  if (requestId === undefined) return waiting;
  const answerable = event["mosaic_answerable"] === true && !QUESTIONS.has(tool);
  const asked: LeaveAsked = { requestId, tool, summary: summaryOf(fieldsOf(event["tool_input"])), answerable };
  return { ...waiting, asked: [asked] };
}

/** Tools by which an agent asks a person something: leave alone would be no answer. */
const QUESTIONS: ReadonlySet<string> = new Set(["AskUserQuestion", "request_user_input"]);

/** Reads the hook's word that a request is over: answered by machine, or by whoever sat before the agent. */
export function leaveSettled(event: Fields): AgentReport {
  const requestId = textIn(event, "mosaic_request_id");
  const status = event["status"] === "idle" ? HeartbeatStatus.IDLE : HeartbeatStatus.BUSY;
  return { status, resolvedRequestIds: requestId === undefined ? [] : [requestId] };
}

// What is to be done comes first, then anything that tells more than nothing.
function summaryOf(input: Fields): string {
  const told = ["command", "file_path", "path", "url", "query", "pattern", "prompt"].map((name) => textIn(input, name));
  const summary = told.find((text) => text !== undefined) ?? JSON.stringify(input);
  const line = (summary === "{}" ? "" : summary).replace(/\s+/g, " ").trim();
  return line.length <= MAX_SUMMARY ? line : `${line.slice(0, MAX_SUMMARY - 1)}…`;
}

import { HeartbeatStatus } from "@mosaic/core";
import type { StateReading } from "../contract.ts";
import { parsedFields, textIn } from "../event-fields.ts";

/** Where Claude Code writes what its process does: not documented, there in 2.1.197, and right within 50 ms. It alone tells that
 *  a turn was interrupted before the model had answered a word. */
export function claudeStateFile(home: string, pid: number): string {
  return `${home}/.claude/sessions/${pid}.json`;
}

/** Reads that file. */
export function hearClaudeState(text: string): StateReading | undefined {
  const state = parsedFields(text);
  const status = STATUSES[textIn(state, "status") ?? ""];
  const since = state["statusUpdatedAt"];
  if (status === undefined || typeof since !== "number") return undefined;
  return { status, sinceUnixMs: since, sessionId: textIn(state, "sessionId"), waitingFor: textIn(state, "waitingFor") };
}

const STATUSES: Readonly<Record<string, HeartbeatStatus>> = {
  busy: HeartbeatStatus.BUSY,
  idle: HeartbeatStatus.IDLE,
  waiting: HeartbeatStatus.WAITING,
};

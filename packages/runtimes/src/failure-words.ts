import type { AgentReport, TurnBroken } from "@mosaic/core";
import { type Fields, textIn, textsIn } from "./event-fields.ts";

/** Names what a model's refusal means, from the words that came with it: `rate_limit`, `auth`, `billing`, `overloaded`,
 *  `server_error`, `network`, else `error`. Runtimes hand on what the model's maker wrote, and no two write the same. */
export function failureNamed(words: string): string {
  return FAILURES.find(([, pattern]) => pattern.test(words))?.[0] ?? "error";
}

// Asked in this order: a message about a limit may also hold a status, and one about billing the word "limit".
const FAILURES: readonly (readonly [string, RegExp])[] = [
  ["billing", /\b402\b|billing|credit balance|insufficient.?(quota|credit|funds)|payment required/i],
  ["rate_limit", /\b429\b|rate.?limit|usage.?limit|too many requests|quota/i],
  ["auth", /\b40[13]\b|authenticat|unauthori[sz]ed|forbidden|api.?key|login|log in|token (has )?expired|ProviderAuthError/i],
  ["overloaded", /\b529\b|overloaded|at capacity/i],
  ["server_error", /\b5\d\d\b|server.?error|bad gateway|service.?unavailable/i],
  ["network", /network|connection|ECONN|ENOTFOUND|ETIMEDOUT|socket|fetch failed|timed? ?out/i],
];

/** The turns that one event says are broken: its `turnIds`, why (`reason`), and whether by the user (`isInterrupted`). */
export function brokenTurnsIn(fields: Fields): NonNullable<AgentReport["brokenTurns"]> {
  const isInterrupted = fields["isInterrupted"] === true;
  const reason = textIn(fields, "reason") ?? "";
  const detail = isInterrupted ? reason : `${failureNamed(reason)}: ${reason.replace(/\s+/g, " ").slice(0, 300)}`;
  return textsIn(fields, "turnIds").map((turnId) => ({ turnId, isInterrupted, detail }));
}

/** A turn that failed. @param name what the failure is called, @param words what came with it, for people */
export function turnFailed(turnId: string, name: string, words: string | undefined): TurnBroken {
  const line = words?.replace(/\s+/g, " ").trim().slice(0, 300) ?? "";
  return { turnId, isInterrupted: false, detail: line === "" ? name : `${name}: ${line}` };
}

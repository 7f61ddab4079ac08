import type { ModelCall } from "./dialect.ts";

/** What the words in a prompt tell the model to do. */
export interface Orders {
  /** How long the answer takes, spread over its words. */
  readonly slowMs: number;
  /** A command that the agent's shell is to run before the model answers. */
  readonly command: string | undefined;
  /** The request fails with this HTTP status. */
  readonly status: number | undefined;
  /** The answer begins and never goes on. */
  readonly hangs: boolean;
}

/** Reads the orders in the user's last text: `SLOW=2000` (ms), `FAIL=429` (HTTP status), `HANG`, and `RUN=<command to the end of
 *  the line>`, which is done once: a call that carries a tool's result after that text is answered. A call without tools is a side
 *  job of the agent, such as making a title, and follows no orders. */
export function ordersIn(call: ModelCall): Orders {
  const at = call.messages.findLastIndex((message) => message.role === "user" && message.texts.length > 0);
  const text = call.tools.length === 0 ? "" : (call.messages[at]?.texts.join("\n") ?? "");
  const hasRun = call.messages.slice(at + 1).some((message) => message.role === "tool");
  const status = /\bFAIL=(\d{3})\b/.exec(text)?.[1];
  return {
    slowMs: Number(/\bSLOW=(\d+)/.exec(text)?.[1] ?? 0),
    command: hasRun ? undefined : /\bRUN=(.+)/.exec(text)?.[1]?.trim(),
    status: status === undefined ? undefined : Number(status),
    hangs: /\bHANG\b/.test(text),
  };
}

import assert from "node:assert/strict";
import { canonicalPrompt, HeartbeatStatus, textToType } from "@mosaic/core";
import type { ModelServer } from "./model/server.ts";
import type { RealAgent } from "./real-agent.ts";
import type { Heard } from "./spool-reader.ts";

/** Texts of every kind that a message may be, as the one who sends them writes them; {@link asks} types what Mosaic makes of them. */
export const TEXTS: readonly string[] = [
  "hello",
  "two lines\n\nand a third, indented:\n\tx",
  "Grüße, 日本語 🦑 e\u0301",
  ...[
    "!touch ran",
    "/new",
    " /clear",
    "exit",
    ":q",
    "see @",
    "look at @src",
    "cost $im",
    "a path C:\\",
    "me@example.com",
    "# a title",
    "a\n!ls",
  ],
  `${"a long line of words ".repeat(500)}end`,
  `${Array.from({ length: 200 }, (_, line) => `line ${line} of a long paste, which goes on and on`).join("\n")}\nend`,
];

/** Waits until the agent took a text, to the letter but for what stands around it.
 *  @returns the turn's id */
export async function accepts(agent: RealAgent, text: string, since = 0): Promise<string> {
  const isIt = (one: { text: string }) => canonicalPrompt(one.text) === canonicalPrompt(text);
  const { report } = await agent.hears(
    `took ${JSON.stringify(text.slice(0, 60))}`,
    ({ accepted }) => accepted?.some(isIt),
    since,
  );
  assert.equal(report?.status, HeartbeatStatus.BUSY);
  return report?.accepted?.find(isIt)?.turnId ?? "";
}

/** Waits until a turn ended with an answer. */
export function answers(agent: RealAgent, turnId: string): Promise<Heard> {
  return agent.hears(`answered ${turnId}`, ({ endedTurnIds }) => endedTurnIds?.includes(turnId));
}

/** Types a message and waits until it is answered; the model has then received it exactly once.
 *  @returns what told of the end */
export async function asks(agent: RealAgent, model: ModelServer, message: string): Promise<Heard> {
  const since = agent.heard.length;
  const text = textToType(message, "", "desk");
  await agent.type(text);
  const end = await answers(agent, await accepts(agent, text, since));
  assert.equal(end.report?.status, HeartbeatStatus.IDLE);
  assert.equal(model.timesReceived(text), 1, `${text.slice(0, 60)}: in the conversation`);
  return end;
}

/** The last conversation's id that the agent told. */
export function sessionOf(agent: RealAgent): string {
  return agent.heard.findLast(({ report }) => report?.sessionId !== undefined)?.report?.sessionId ?? "";
}

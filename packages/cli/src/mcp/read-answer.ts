import { setTimeout as sleep } from "node:timers/promises";
import type { CallOptions, Fleet } from "@mosaic/client";
import { type AnswerText, answerText } from "./answer-text.ts";

/** Lines of the screen that an answer is looked for in. */
const SCREEN_LINES = 400;
/** A runtime may report the end of its turn before it has drawn its last words: the screen is believed when two looks agree. */
const LOOK_AGAIN_MS = 100;
const MOST_LOOKS = 20;

/** Reads what an agent answered to a prompt, when its turn has ended.
 *  @param address complete */
export async function readAnswer(fleet: Fleet, address: string, prompt: string, call: CallOptions): Promise<AnswerText> {
  const look = async () => answerText((await fleet.tail(address, SCREEN_LINES, call)).lines, prompt);
  let seen = await look();
  for (let looks = 1; looks < MOST_LOOKS; looks += 1) {
    await sleep(LOOK_AGAIN_MS, undefined, call.signal ? { signal: call.signal } : {});
    const before = seen;
    seen = await look();
    if (before.text === seen.text) break;
  }
  return seen;
}

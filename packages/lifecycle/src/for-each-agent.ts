import { MosaicError } from "@mosaic/core";
import type { Outcome } from "./supervisor.ts";

/** Does something with each of many agents, a few at once. One that fails doesn't keep the others waiting; an interrupt ends
 *  what has not begun.
 *  @param onOutcome called as each is done, for who watches
 *  @returns outcomes in the order of the names */
export async function forEachAgent(
  names: readonly string[],
  act: (name: string) => Promise<Exclude<Outcome["outcome"], "failed">>,
  onOutcome: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const waiting = names.values();
  const worker = async () => {
    for (const name of waiting) {
      if (signal.aborted) return;
      const outcome = await tried(name, act, signal);
      if (outcome === undefined) return;
      outcomes.set(name, outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  signal.throwIfAborted();
  return names.flatMap((name) => outcomes.get(name) ?? []);
}

/** Each start is a few short programs; more at once than this only makes a small machine swap between them. */
const AT_ONCE = 8;

async function tried(
  name: string,
  act: (name: string) => Promise<Exclude<Outcome["outcome"], "failed">>,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  try {
    return { name, outcome: await act(name), detail: "", hint: "" };
  } catch (thrown) {
    if (signal.aborted) return undefined;
    const error = MosaicError.from(thrown);
    return { name, outcome: "failed", detail: error.message, hint: error.hint ?? "" };
  }
}

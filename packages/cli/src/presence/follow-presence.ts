import { type Clock, MosaicError } from "@mosaic/core/light";
import type { PresenceAnswer } from "./presence-answer.ts";

/** One answer, or that nobody gave one. */
export type PresenceStep =
  | { readonly kind: "answer"; readonly answer: PresenceAnswer }
  | { readonly kind: "lost"; readonly error: MosaicError };

/** How long after an answer it is asked again, in ms. An aggregator asks every host, so it is no more often than a person looks. */
export const ASK_AGAIN_MS = 2000;

/** Failures that no other attempt will cure. */
const FINAL: ReadonlySet<MosaicError["code"]> = new Set(["NOT_ALLOWED", "NOT_HERE", "USAGE", "CANCELLED"]);

/** Asks again and again until the signal aborts. Who answered once is asked again whatever happens.
 *  @throws MosaicError when there is no first answer, and for what no other attempt will cure */
export async function followPresence(
  ask: () => Promise<PresenceAnswer>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  onStep: (step: PresenceStep) => void,
): Promise<void> {
  let isAnswered = false;
  while (!signal.aborted) {
    try {
      const answer = await ask();
      if (signal.aborted) return;
      isAnswered = true;
      onStep({ kind: "answer", answer });
    } catch (thrown) {
      if (signal.aborted) return;
      const error = MosaicError.from(thrown);
      if (!isAnswered || FINAL.has(error.code)) throw error;
      onStep({ kind: "lost", error });
    }
    await clock.sleep(ASK_AGAIN_MS, signal);
  }
}

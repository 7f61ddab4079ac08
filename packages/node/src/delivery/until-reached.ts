import type { Clock } from "@mosaic/core";
import type { DeliveryState } from "@mosaic/wire";
import type { Inbox } from "./inbox.ts";

/** Waits until a message has reached a state or its end, for so long at most.
 *  @param signal ends the waiting
 *  @returns true when the time ran out, and nobody ended the waiting */
export async function untilReached(
  { inbox, clock }: { readonly inbox: Inbox; readonly clock: Clock },
  messageId: string,
  { state, withinMs }: { readonly state: DeliveryState; readonly withinMs: number },
  signal: AbortSignal,
): Promise<boolean> {
  // Most are: who carries a message here waits for no more than that it is on disk.
  if (inbox.isThere(messageId, state)) return false;
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener("abort", end, { once: true });
  let isLate = false;
  const timer = clock.sleep(withinMs, over.signal).then(() => {
    isLate = !over.signal.aborted;
    end();
  });
  if (!signal.aborted) await inbox.reached(messageId, state, over.signal);
  signal.removeEventListener("abort", end);
  end();
  await timer;
  return isLate;
}

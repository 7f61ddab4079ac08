import { create } from "@bufbuild/protobuf";
import { isFinal, type StoredMessage } from "@mosaic/core";
import { type WatchReceiptsRequest, type WatchReceiptsResponse, WatchReceiptsResponseSchema } from "@mosaic/wire";
import type { Inbox } from "./inbox.ts";
import { selectsMessage } from "./message-calls.ts";

/** Sends an empty response once it sees every step, then the receipt of each chosen message as it stands, and again after each step. Of a reader that is slow only the ids are
 *  kept of which it has not seen the newest. Ends with the signal. */
export async function* watchReceipts(
  inbox: Inbox,
  { selector, messageIds }: Pick<WatchReceiptsRequest, "selector" | "messageIds">,
  signal: AbortSignal,
): AsyncGenerator<WatchReceiptsResponse> {
  const wanted = messageIds.length > 0 ? new Set(messageIds) : undefined;
  const isChosen = ({ messageId, receipt }: StoredMessage) =>
    (wanted === undefined || wanted.has(messageId)) && selectsMessage(selector, receipt);
  const unseen = new Set<string>();
  let wake = () => {};
  using _ = inbox.store.onChange((message) => {
    if (!isChosen(message)) return;
    unseen.add(message.messageId);
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  for (const message of inbox.store.all())
    if (isChosen(message) && (wanted !== undefined || !isFinal(message.receipt.state))) unseen.add(message.messageId);
  try {
    // Who looks up what happened meanwhile must know since when nothing is missed.
    yield create(WatchReceiptsResponseSchema);
    while (!signal.aborted) {
      for (const messageId of unseen) {
        unseen.delete(messageId);
        const receipt = inbox.get(messageId)?.receipt;
        if (receipt) yield create(WatchReceiptsResponseSchema, { receipt });
        if (signal.aborted) return;
      }
      if (unseen.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

import { type Clock, isFinal, MosaicError } from "@mosaic/core";
import { type FleetClient, fromConnectError } from "@mosaic/rpc";
import type { Receipt } from "@mosaic/wire";
import { isFinalError, pauseMs } from "./pauses.ts";

export interface FollowReceiptDeps {
  readonly client: FleetClient;
  readonly clock: Clock;
}

/** Yields a message's receipt as it is, and again after every step, over any number of streams; a step may be told twice. Ends when
 *  the message is at its end, or quietly with the signal.
 *  @throws MosaicError for what no other attempt will cure */
export async function* followReceipt(
  { client, clock }: FollowReceiptDeps,
  messageId: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): AsyncGenerator<Receipt, void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    const end = yield* readStream(client, messageId, signal, headers);
    if (end === "final" || signal.aborted) return;
    if (end instanceof MosaicError && isFinalError(end)) throw end;
    await clock.sleep(pauseMs(failures), signal);
  }
}

/** Reads one stream. @returns why it ended: the message is at its end, a failure, or the server's own reasons */
async function* readStream(
  client: FleetClient,
  messageId: string,
  signal: AbortSignal,
  headers: Record<string, string>,
): AsyncGenerator<Receipt, "final" | "ended" | MosaicError> {
  const call = new AbortController();
  const options = { signal: AbortSignal.any([signal, call.signal]), headers };
  try {
    for await (const { receipt } of client.watchReceipts({ messageIds: [messageId] }, options)) {
      if (!receipt) continue;
      yield receipt;
      if (isFinal(receipt.state)) return "final";
    }
    return "ended";
  } catch (thrown) {
    return fromConnectError(thrown, "WatchReceipts");
  } finally {
    // Leaving the loop does not cancel the call.
    call.abort();
  }
}

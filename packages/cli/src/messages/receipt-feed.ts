import { MosaicError } from "@mosaic/core/light";
import type { FleetClient } from "@mosaic/rpc";
import type { CommandDeps } from "../command.ts";
import { type SentReceipt, toSentReceipt } from "../commands/agent/sent-receipt.ts";
import type { Io } from "../io/io.ts";
import type { Place } from "../remote/endpoints.ts";
import { withStream } from "../remote/open-stream.ts";
import { receiptJson } from "../remote/receipt-json.ts";

export interface ReceiptFeedOptions {
  readonly places: readonly Place[];
  readonly request: Parameters<FleetClient["watchReceipts"]>[0];
  /** For the first contact, in ms. */
  readonly timeoutMs: number;
  /** Told when a stream was lost and is about to be opened again. */
  readonly onLost: (detail: string) => void;
}

/** The first pause after a lost stream, in ms; doubled each time. */
const FIRST_PAUSE_MS = 250;
/** A person is waiting: longer would look dead. */
const LONGEST_PAUSE_MS = 5000;

/** Calls back with each news of a receipt until `onReceipt` says that it is enough, or until the io's signal aborts. After the
 *  first receipt or the first second of a stream a lost one is opened again, and what it tells twice is told once.
 *  @throws MosaicError when the first stream can't be opened, and for failures that no other attempt will cure */
export async function followReceipts(
  options: ReceiptFeedOptions,
  onReceipt: (receipt: SentReceipt) => "more" | "enough",
  io: Io,
  deps: CommandDeps,
): Promise<void> {
  const told = new Map<string, string>();
  let failures = 0;
  const tell = (receipt: SentReceipt) => {
    failures = 0;
    const news = JSON.stringify(receipt);
    if (told.get(receipt.message_id) === news) return "more";
    told.set(receipt.message_id, news);
    return onReceipt(receipt);
  };
  for (let isFirst = true; !io.signal.aborted; isFirst = false) {
    const end = await readStream(options, tell, io, deps).catch((thrown: unknown) => {
      const error = MosaicError.from(thrown);
      if ((isFirst && told.size === 0) || FINAL.has(error.code)) throw error;
      return error.message;
    });
    if (end === "enough") return;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    failures += 1;
    options.onLost(end);
    await io.clock.sleep(pauseMs, io.signal);
  }
  io.signal.throwIfAborted();
}

/** Reads one stream. @returns "enough", or why it ended */
async function readStream(
  { places, request, timeoutMs }: ReceiptFeedOptions,
  tell: (receipt: SentReceipt) => "more" | "enough",
  io: Io,
  deps: CommandDeps,
): Promise<string> {
  return await withStream(places, deps, timeoutMs, {
    name: "WatchReceipts",
    signal: io.signal,
    async work(client, signal) {
      for await (const { receipt } of client.watchReceipts(request, { signal })) {
        if (receipt && tell(toSentReceipt(receiptJson(receipt))) === "enough") return "enough";
      }
      return "the server ended the stream";
    },
  });
}

/** Failures that no other attempt will cure. */
const FINAL: ReadonlySet<MosaicError["code"]> = new Set(["NOT_ALLOWED", "NOT_HERE", "USAGE", "CANCELLED"]);

import { create } from "@bufbuild/protobuf";
import { type Clock, isFinal, mergeReceipts, selectsHost, selectsRow } from "@mosaic/core";
import type { CallContext } from "@mosaic/rpc";
import {
  type Agent,
  type Receipt,
  type WatchReceiptsRequest,
  type WatchReceiptsResponse,
  WatchReceiptsResponseSchema,
} from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";
import type { Routes } from "./message-route.ts";
import { MissedEnds } from "./missed-ends.ts";
import { hostOf } from "./open-messages.ts";
import type { Outbox } from "./outbox.ts";

export interface ReceiptStreamDeps extends Routes {
  readonly outbox: Outbox;
  readonly clock: Clock;
}

/** How long until a member is asked again whose stream ended, in ms. */
const PAUSE_MS = 1000;

/** The receipts of an aggregator: what it holds itself, and what each member tells of messages that were sent past it. Of a
 *  message only the newest is kept for a slow reader. */
export async function* watchReceipts(
  { outbox, clock, ...routes }: ReceiptStreamDeps,
  request: WatchReceiptsRequest,
  { signal }: CallContext,
): AsyncGenerator<WatchReceiptsResponse> {
  const news = new Newest();
  const isAsked = (receipt: Receipt) =>
    (request.messageIds.length === 0 || request.messageIds.includes(receipt.messageId)) &&
    selectsRow(request.selector, { ...hostOf(receipt), name: receipt.agent?.name ?? "" } as Agent);
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    using _ = outbox.onChange(({ receipt }) => isAsked(receipt) && news.put(receipt));
    for (const { receipt } of outbox.all())
      if (isAsked(receipt) && (request.messageIds.length > 0 || !isFinal(receipt.state))) news.put(receipt);
    for (const upstream of membersOf(routes, request)) void pour(upstream, request, news, clock, stop.signal);
    // As a node does: from here on nothing is missed.
    yield create(WatchReceiptsResponseSchema);
    while (!signal.aborted) {
      for (const receipt of news.take()) yield create(WatchReceiptsResponseSchema, { receipt });
      await news.more(signal);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    stop.abort();
  }
}

function membersOf({ fleetLog, table }: Routes, { selector }: WatchReceiptsRequest): Set<Upstream> {
  const hosts = fleetLog.state.hosts().filter((host) => selectsHost(selector, host));
  return new Set(hosts.flatMap((host) => table.ownerOf(host) ?? []));
}

async function pour(
  upstream: Upstream,
  request: WatchReceiptsRequest,
  news: Newest,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const missed = new MissedEnds(upstream, request);
  while (!signal.aborted) {
    try {
      for await (const { receipt } of upstream.client.watchReceipts(request, { signal })) {
        // The first response: what happens from here on is told.
        if (!receipt) void missed.since(signal).then((ended) => ended.forEach((one) => void news.put(one)));
        else {
          missed.saw(receipt);
          news.put(receipt);
        }
      }
    } catch {
      // That a member is gone is for List and Watch to say. When it is back it tells each receipt as it is then.
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

/** The newest receipt of each message that was not read yet. */
class Newest {
  readonly #receipts = new Map<string, Receipt>();
  #wake = () => {};

  put(receipt: Receipt): void {
    const waiting = this.#receipts.get(receipt.messageId);
    this.#receipts.set(receipt.messageId, waiting ? mergeReceipts(waiting, receipt) : receipt);
    this.#wake();
  }

  take(): Receipt[] {
    const all = [...this.#receipts.values()];
    this.#receipts.clear();
    return all;
  }

  /** Resolves when there is something to take, or when the signal aborts. */
  async more(signal: AbortSignal): Promise<void> {
    if (this.#receipts.size > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

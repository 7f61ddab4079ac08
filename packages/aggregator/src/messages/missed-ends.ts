import { isFinal } from "@mosaic/core";
import type { Receipt, WatchReceiptsRequest } from "@mosaic/wire";
import type { Upstream } from "../upstream.ts";

const CALL_MS = 5000;
/** Of as many messages of a member those are found that ended unseen. */
const MOST_MESSAGES = 1000;
/** Messages carry the time of whichever server took them first. A receipt that is told twice does no harm. */
const CLOCKS_APART_MS = 60_000;

/** Messages of a member that came to their end while nobody's stream of its receipts stood: a stream that opens tells of those that are on
 *  their way, and of no others. Who asks by id is told of ended ones too, and misses none. */
export class MissedEnds {
  readonly #upstream: Pick<Upstream, "client">;
  readonly #request: WatchReceiptsRequest;
  /** On their way when they were last told of. */
  readonly #open = new Set<string>();
  #hasStood = false;
  /** When the newest message was made that the member had when its stream opened; undefined: not known. */
  #newestUnixMs: number | undefined;

  constructor(upstream: Pick<Upstream, "client">, request: WatchReceiptsRequest) {
    this.#upstream = upstream;
    this.#request = request;
  }

  saw({ messageId, state }: Receipt): void {
    if (isFinal(state)) this.#open.delete(messageId);
    else this.#open.add(messageId);
  }

  /** What ended since the stream stood last; nothing the first time. A member that can't be asked is asked with its next stream. */
  async since(signal: AbortSignal): Promise<readonly Receipt[]> {
    if (this.#request.messageIds.length > 0) return [];
    const isFirst = !this.#hasStood;
    this.#hasStood = true;
    const before = this.#newestUnixMs;
    const limit = isFirst ? 1 : MOST_MESSAGES;
    const { selector } = this.#request;
    const options = { signal, timeoutMs: CALL_MS };
    const wish = { limit, ...(selector ? { selector } : {}) };
    const answer = await this.#upstream.client.listMessages(wish, options).catch(() => undefined);
    if (!answer) return [];
    const receipts = answer.messages.flatMap(({ receipt }) => receipt ?? []);
    this.#newestUnixMs = Math.max(before ?? 0, ...receipts.map(madeUnixMs));
    if (isFirst) return [];
    const isNew = (one: Receipt) => before !== undefined && madeUnixMs(one) > before - CLOCKS_APART_MS;
    const ended = receipts.filter((one) => isFinal(one.state) && (this.#open.has(one.messageId) || isNew(one)));
    for (const one of ended) this.saw(one);
    return ended;
  }
}

function madeUnixMs({ createdAtUnixMs }: Receipt): number {
  return Number(createdAtUnixMs);
}

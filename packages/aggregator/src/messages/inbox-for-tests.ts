import { create } from "@bufbuild/protobuf";
import { isFinal, MosaicError, newReceipt, withStep } from "@mosaic/core";
import type { FleetHandlers } from "@mosaic/rpc";
import {
  AgentSchema,
  type DeliveryState,
  type Receipt,
  type SendRequest,
  DeliveryState as State,
  WatchReceiptsResponseSchema,
} from "@mosaic/wire";

/** The messages of a node as an aggregator sees them: takes each id once, and goes on only when a test says so. */
export class FakeInbox {
  /** Every Send that came, repetitions included. */
  readonly sends: SendRequest[] = [];
  readonly receipts = new Map<string, Receipt>();
  /** Thrown at the next sends, one each. */
  readonly refusals: MosaicError[] = [];
  /** What happens after it was looked which receipts there are, and before a stream tells of others. */
  beforeWatch = async (): Promise<void> => {};
  readonly #watching = new Set<(receipt: Receipt) => void>();
  #nowMs = 1000;

  /** Lay these over a fake member's. */
  readonly handlers: Partial<FleetHandlers> = {
    send: async (request) => {
      this.sends.push(request);
      const refusal = this.refusals.shift();
      if (refusal) throw refusal;
      const known = this.receipts.get(request.messageId);
      if (known) return { receipt: { ...known, duplicate: true } };
      const host = request.agent?.host ?? "";
      const agent = create(AgentSchema, {
        tenantId: "team-a",
        host,
        hostId: `id-of-team-a-${host}`,
        name: request.agent?.name ?? "",
      });
      const receipt = { ...newReceipt(request.messageId, agent, "00"), attempt: 1 };
      return { receipt: this.#put(withStep(receipt, State.DELIVERED, { atUnixMs: this.#now() })) };
    },
    listMessages: async ({ messageIds }) => {
      const chosen = [...this.receipts.values()].filter(
        ({ messageId }) => messageIds.length === 0 || messageIds.includes(messageId),
      );
      return { messages: chosen.map((receipt) => ({ receipt })) };
    },
    cancelMessage: async ({ messageId }) => ({ receipt: this.#known(messageId) }),
    retryMessage: async ({ messageId }) => ({ receipt: this.#known(messageId) }),
    watchReceipts: (_request, { signal }) => this.#watch(signal),
  };

  /** The message takes a step. */
  step(messageId: string, state: DeliveryState): void {
    this.#put(withStep(this.#known(messageId), state, { atUnixMs: this.#now() }));
  }

  #known(messageId: string): Receipt {
    const receipt = this.receipts.get(messageId);
    if (receipt) return receipt;
    throw new MosaicError("MESSAGE_NOT_FOUND", `no message ${messageId} is known`);
  }

  #now(): number {
    this.#nowMs += 1;
    return this.#nowMs;
  }

  #put(receipt: Receipt): Receipt {
    this.receipts.set(receipt.messageId, receipt);
    for (const tell of this.#watching) tell(receipt);
    return receipt;
  }

  async *#watch(signal: AbortSignal) {
    // As a node does: what is under way now, then every step.
    const news = [...this.receipts.values()].filter(({ state }) => !isFinal(state));
    let wake = () => {};
    const tell = (receipt: Receipt) => {
      news.push(receipt);
      wake();
    };
    await this.beforeWatch();
    this.#watching.add(tell);
    yield create(WatchReceiptsResponseSchema);
    signal.addEventListener("abort", () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        for (const receipt of news.splice(0)) yield create(WatchReceiptsResponseSchema, { receipt });
        if (news.length > 0 || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#watching.delete(tell);
    }
  }
}

import { setTimeout as delay } from "node:timers/promises";
import type { FleetClient, FleetConnection } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { DeliveryState, FailureReason, type Receipt } from "@mosaic/wire";
import type { HostWithAgents } from "./host-with-agents.ts";

/** What became of all messages. */
export interface SendEnds {
  readonly acknowledged: number;
  readonly answered: number;
  /** It stayed open whether they were typed or taken, and they say so. */
  readonly uncertain: number;
  /** Acknowledged, and neither answered nor told as failed. */
  readonly lost: number;
  /** Taken by an agent more than once. */
  readonly twice: number;
}

/** Sends messages to the agents of a real host, again under the same id until each is acknowledged, from its making until it is
 *  told to end. */
export class SendProbe {
  readonly #connect: () => FleetConnection;
  readonly #real: HostWithAgents;
  readonly #acknowledged: string[] = [];
  readonly #sending: Promise<void>;
  #isEnding = false;

  constructor(connect: () => FleetConnection, real: HostWithAgents) {
    this.#connect = connect;
    this.#real = real;
    this.#sending = this.#send();
  }

  /** Sends no more, and waits until every message is at its end. */
  async end(withinMs = 60_000): Promise<SendEnds> {
    this.#isEnding = true;
    await this.#sending;
    await using connection = this.#connect();
    const receipts = new Map<string, Receipt>();
    const isOpen = (id: string) => (receipts.get(id)?.state ?? DeliveryState.QUEUED) < DeliveryState.ANSWERED;
    await eventually("every message is at its end", () => this.#read(connection.client, receipts, isOpen), withinMs).catch(
      () => {},
    );
    const ends = this.#acknowledged.map((id) => receipts.get(id));
    const answered = ends.filter((receipt) => receipt?.state === DeliveryState.ANSWERED).length;
    const uncertain = ends.filter(isUncertain).length;
    const twice = [...(await this.#real.promptsTaken()).values()].filter((times) => times > 1).length;
    return { acknowledged: ends.length, answered, uncertain, lost: ends.length - answered - uncertain, twice };
  }

  async #read(client: FleetClient, receipts: Map<string, Receipt>, isOpen: (id: string) => boolean): Promise<boolean> {
    const messageIds = this.#acknowledged.filter(isOpen);
    if (messageIds.length === 0) return true;
    const { messages } = await client.listMessages({ messageIds, limit: 1000 }, { timeoutMs: 10_000 });
    for (const { receipt } of messages) if (receipt) receipts.set(receipt.messageId, receipt);
    return false;
  }

  async #send(): Promise<void> {
    const { agents } = this.#real.host;
    await Promise.all(agents.map((agent) => this.#sendTo(agent)));
  }

  async #sendTo(agent: string): Promise<void> {
    for (let index = 0; !this.#isEnding; index += 1) {
      const messageId = `storm-${agent}-${index}`;
      await this.#sendOnce(messageId, agent);
      this.#acknowledged.push(messageId);
      await delay(200);
    }
  }

  async #sendOnce(messageId: string, name: string): Promise<void> {
    const { tenantId, name: host } = this.#real.host;
    const agent = { tenantId, host, name };
    const request = { messageId, agent, text: `text of ${messageId}`, waitFor: DeliveryState.QUEUED, waitMs: 1000 };
    const isAcknowledged = async () => {
      await using connection = this.#connect();
      // Nobody serves while the aggregator is killed: the same id again, as a careful sender does.
      const { receipt } = await connection.client.send(request, { timeoutMs: 3000 }).catch(() => ({ receipt: undefined }));
      return receipt !== undefined && receipt.state >= DeliveryState.QUEUED;
    };
    await eventually(`${messageId} is acknowledged`, isAcknowledged, 60_000);
  }
}

function isUncertain(receipt: Receipt | undefined): boolean {
  return receipt?.state === DeliveryState.UNCONFIRMED || receipt?.reason === FailureReason.INDETERMINATE;
}

import { type EventJournal, type EventKind, enumName, type MessageStore, type StoredMessage } from "@mosaic/core";
import { DeliveryState, FailureReason } from "@mosaic/wire";

/** Messages at their end that are remembered, so that each is told once. */
const MAX_REMEMBERED = 1000;

/** Keeps what became of the messages for this host's agents. Disposing ends it. */
export function recordReceipts(journal: EventJournal, store: MessageStore): Disposable {
  const told = new Map<string, DeliveryState>();
  return store.onChange(({ messageId, receipt, traceparent, command }: StoredMessage) => {
    const { state } = receipt;
    const kind = ENDS.get(state);
    if (!kind || told.get(messageId) === state) return;
    told.delete(messageId);
    told.set(messageId, state);
    const [oldest] = told.keys();
    if (told.size > MAX_REMEMBERED && oldest !== undefined) told.delete(oldest);
    const { tenantId = "", host = "", name: agent = "" } = receipt.agent ?? {};
    const why = receipt.reason === FailureReason.UNSPECIFIED ? "" : `: ${enumName(FailureReason, receipt.reason)}`;
    const detail = receipt.detail === "" ? "" : `, ${receipt.detail}`;
    const reason = `${command === undefined ? "message" : "reset"} ${messageId}${why}${detail}`;
    journal.record({ kind, tenantId, host, agent, from: "", to: enumName(DeliveryState, state), reason, traceparent });
  });
}

const ENDS: ReadonlyMap<DeliveryState, EventKind> = new Map([
  [DeliveryState.ANSWERED, "message.answered"],
  [DeliveryState.FAILED, "message.failed"],
  [DeliveryState.EXPIRED, "message.expired"],
  [DeliveryState.UNCONFIRMED, "message.unconfirmed"],
]);

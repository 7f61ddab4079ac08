import type { AuditLog, StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";

/** Puts on record what somebody does to a message that never left this aggregator; of any other its agent's host does.
 *  @param audit undefined: there is no record to put it on
 *  @throws MosaicError MACHINE when it can't be written: then it must not be done */
export async function recordHere(
  audit: AuditLog | undefined,
  action: "message.cancel" | "message.retry",
  { messageId, receipt }: StoredMessage,
  sourceLabel: string,
): Promise<void> {
  const { tenantId = "", host = "", name = "" } = receipt.agent ?? {};
  await audit?.record({
    ...{ action, actor: sourceLabel || "not said", tenantId, host, agent: name },
    facts: { message_id: messageId, state: nameOf(receipt.state), where: "aggregator" },
  });
}

function nameOf(state: DeliveryState): string {
  const found = Object.entries(DeliveryState).find(([, value]) => value === state)?.[0] ?? String(state);
  return found.toLowerCase();
}

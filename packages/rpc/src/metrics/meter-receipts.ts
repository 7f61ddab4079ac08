import type { FleetLog, MessageStore, StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";
import { EnumLabels } from "./enum-labels.ts";
import type { Metrics } from "./metrics.ts";

/** Messages whose last state is remembered; more are not under way at once. */
const MAX_REMEMBERED = 10_000;
/** Runtimes that a label names; rosters may name programs of their own. */
const MAX_RUNTIMES = 16;

export interface ReceiptSource {
  readonly store: MessageStore;
  readonly storeName: "inbox" | "outbox";
  readonly version: string;
  readonly fleetLog: FleetLog;
}

/** Counts each state that a message comes to, once, whatever else of it changes. What another daemon carries is that one's to
 *  count. */
export function meterReceipts(metrics: Metrics, { store, storeName, version, fleetLog }: ReceiptSource): Disposable {
  const lastState = new Map<string, DeliveryState>();
  for (const { messageId, receipt } of store.all()) remember(lastState, messageId, receipt.state);
  const runtimes = new Set<string>();
  return store.onChange((message) => {
    const { messageId, receipt, carriedBy } = message;
    if (carriedBy !== undefined || lastState.get(messageId) === receipt.state) return;
    remember(lastState, messageId, receipt.state);
    const runtime = bounded(runtimes, runtimeOf(fleetLog, message));
    metrics.count("mosaic_receipts_total", { store: storeName, state: deliveryStates.of(receipt.state), runtime, version });
  });
}

const deliveryStates = new EnumLabels(DeliveryState);

function remember(lastState: Map<string, DeliveryState>, messageId: string, state: DeliveryState): void {
  lastState.delete(messageId);
  lastState.set(messageId, state);
  const [oldest] = lastState.keys();
  if (lastState.size > MAX_REMEMBERED && oldest !== undefined) lastState.delete(oldest);
}

function runtimeOf({ state }: FleetLog, { receipt }: StoredMessage): string {
  const { tenantId = "", host = "", name = "" } = receipt.agent ?? {};
  const hostId = receipt.hostId || state.hosts().find((each) => each.tenantId === tenantId && each.host === host)?.hostId;
  return state.row({ tenantId, hostId: hostId ?? "", name })?.row.runtime || "unknown";
}

function bounded(known: Set<string>, name: string): string {
  if (known.size < MAX_RUNTIMES) known.add(name);
  return known.has(name) ? name : "other";
}

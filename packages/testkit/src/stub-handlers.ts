import { create } from "@bufbuild/protobuf";
import type { FleetHandlers } from "@mosaic/rpc";
import {
  AttachTerminalResponseSchema,
  DeliveryState,
  ReadLogResponseSchema,
  TailResponseSchema,
  WatchEventsResponseSchema,
  WatchReceiptsResponseSchema,
  WatchResponseSchema,
  WatchTerminalResponseSchema,
} from "@mosaic/wire";

/** Handlers that answer each rpc with the least there is, with what is given laid over them. */
export function stubHandlers(fields: Partial<FleetHandlers> = {}): FleetHandlers {
  return {
    info: () => ({ id: "stub", protocolVersion: 1 }),
    list: async () => ({ rows: [], hosts: [], epoch: "e", rev: 0n, nextPageToken: "", isInconsistent: false }),
    async *watch() {
      yield create(WatchResponseSchema, { frame: { case: "reset", value: { epoch: "e" } } });
    },
    heartbeat: async () => ({ intervalMs: 15_000 }),
    send: async () => ({ receipt: { state: DeliveryState.ENTERED } }),
    async *tail() {
      yield create(TailResponseSchema, { lines: ["a line"] });
    },
    async *watchTerminal() {
      yield create(WatchTerminalResponseSchema, { frame: { case: "end", value: { reason: "nothing to show" } } });
    },
    async *attachTerminal() {
      yield create(AttachTerminalResponseSchema, { frame: { case: "end", value: { reason: "nothing to take over" } } });
    },
    reset: async () => ({ receipt: { state: DeliveryState.ENTERED }, command: "/clear" }),
    listMessages: async () => ({ messages: [] }),
    async *watchReceipts() {
      yield create(WatchReceiptsResponseSchema, { receipt: { messageId: "m-1", state: DeliveryState.ENTERED } });
    },
    async *watchEvents() {
      yield create(WatchEventsResponseSchema, { frame: { case: "caughtUp", value: {} } });
    },
    presence: async () => ({}),
    cancelMessage: async () => ({ receipt: { state: DeliveryState.FAILED } }),
    retryMessage: async () => ({ receipt: { state: DeliveryState.DELIVERED } }),
    decide: async () => ({ confirmed: true }),
    addHost: async () => ({ changed: true }),
    removeHost: async () => ({ changed: true }),
    drainHost: async () => ({ changed: true }),
    async *readLog() {
      yield create(ReadLogResponseSchema, { source: { id: "stub" }, caughtUp: true });
    },
    ...fields,
  };
}

/** Durable messages of a daemon: what it took is still there after a crash. SQLite in a worker thread. */
export { forgetHourly } from "./forget-hourly.ts";
export { type InspectedStore, inspectStore } from "./inspect-store.ts";
export type { MessageLimits } from "./message-limits.ts";
export { type OpenMessageStoreOptions, openMessageStore } from "./open-message-store.ts";
export { setAside } from "./set-aside.ts";

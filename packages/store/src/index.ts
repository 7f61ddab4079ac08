/** What daemons keep for good: messages, membership, leases, audit; in files of their own, or in a database that aggregators share. */
export { type OpenMembershipStoreOptions, openMembershipStore } from "./file/open-membership-store.ts";
export { forgetHourly } from "./forget-hourly.ts";
export { type InspectedStore, inspectStore } from "./inspect-store.ts";
export type { MessageLimits } from "./message-limits.ts";
export { type OpenMessageStoreOptions, openMessageStore } from "./open-message-store.ts";
export { openSharedAudit, type SharedAuditReader } from "./postgres/audit-reader.ts";
export { type OpenPostgresStoreOptions, openPostgresStore, type PostgresStore } from "./postgres/open-postgres-store.ts";
export { parseStoreUrl, type StoreUrl } from "./postgres/store-url.ts";
export { setAside } from "./set-aside.ts";

import type { MemberJson } from "@mosaic/wire";
import { formatHostName } from "./host-name.ts";

/** An entry of an aggregator's membership, as `host add|rm|drain|undrain --json` print it. */
export interface ToldMember {
  readonly role: "node" | "aggregator";
  /** Empty for an aggregator. */
  readonly tenant_id: string;
  readonly host: string;
  /** Empty: whoever has the name is taken for it. */
  readonly host_id: string;
  readonly addresses: readonly string[];
  /** Who expects it now: `file`, `command`; and `dns-srv`, which only knows an address. */
  readonly sources: readonly string[];
  readonly draining: boolean;
  readonly reason: string;
  /** Empty: it was never changed by command. */
  readonly changed_by: string;
  /** In ms of the aggregator's clock. Null: never. */
  readonly changed_at_unix_ms: number | null;
}

/** Puts a member into the form of the answers. */
export function toToldMember(member: MemberJson = {}): ToldMember {
  return {
    role: member.role === "ROLE_AGGREGATOR" ? "aggregator" : "node",
    tenant_id: member.tenantId ?? "",
    host: member.host ?? "",
    host_id: member.hostId ?? "",
    addresses: member.addresses ?? [],
    sources: member.sources ?? [],
    draining: member.draining ?? false,
    reason: member.reason ?? "",
    changed_by: member.changedBy ?? "",
    changed_at_unix_ms: Number(member.changedAtUnixMs ?? 0) || null,
  };
}

/** Names a member for people: `team-a/beta`, or `the aggregator eu`. */
export function memberText({ role, tenant_id: tenantId, host }: ToldMember): string {
  return role === "aggregator" ? `the aggregator ${host}` : formatHostName({ tenantId, host });
}

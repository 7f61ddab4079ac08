import type { MessageInitShape } from "@bufbuild/protobuf";
import type { MembershipKey } from "@mosaic/core";
import { formatAddress, memberKey } from "@mosaic/core/membership";
import { type MemberSchema, Role } from "@mosaic/wire";
import type { Membership } from "./membership.ts";

/** A member as the contract has it: as it is expected now, with who changed it last by command. */
export function tellMember(membership: Membership, key: MembershipKey): MessageInitShape<typeof MemberSchema> {
  const member = membership.members.find((known) => memberKey(known) === memberKey(key));
  const record = membership.records?.get(key);
  return {
    role: key.role === "aggregator" ? Role.AGGREGATOR : Role.NODE,
    tenantId: key.tenantId,
    host: key.name,
    hostId: member?.hostId ?? record?.hostId ?? "",
    addresses: member ? member.addresses.map(formatAddress) : [...(record?.addresses ?? [])],
    sources: [...(member?.sources ?? [])],
    draining: member?.draining !== undefined,
    reason: record?.reason ?? "",
    changedBy: record?.changedBy ?? "",
    changedAtUnixMs: BigInt(record?.changedAtUnixMs ?? 0),
  };
}

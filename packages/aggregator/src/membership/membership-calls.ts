import type { MessageInitShape } from "@bufbuild/protobuf";
import { type AuditLog, compareHosts, type FleetLog, type MembershipRecord, MosaicError } from "@mosaic/core";
import { formatAddress, type Member, memberName, parseAddress } from "@mosaic/core/membership";
import {
  type AddHostRequest,
  type AddHostResponseSchema,
  type DrainHostRequest,
  type DrainHostResponseSchema,
  type RemoveHostRequest,
  type RemoveHostResponseSchema,
  Role,
} from "@mosaic/wire";
import type { HostTable } from "../host-table.ts";
import type { MemberSet } from "../member-set.ts";
import type { CommandRecords } from "./command-records.ts";
import { findMember, membersNamed } from "./find-member.ts";
import type { Membership } from "./membership.ts";
import { tellMember } from "./tell-member.ts";

export interface MembershipCallDeps {
  readonly membership: Membership;
  readonly members: MemberSet;
  readonly table: HostTable;
  readonly fleetLog: FleetLog;
  readonly nowUnixMs: () => number;
}

type Named = Pick<AddHostRequest, "role" | "tenantId" | "host" | "sourceLabel" | "reason">;

/** Expects a host from now on. What is asked for and is so already changes nothing. */
export async function addHost(
  deps: MembershipCallDeps,
  request: AddHostRequest,
): Promise<MessageInitShape<typeof AddHostResponseSchema>> {
  const role = request.role === Role.AGGREGATOR ? "aggregator" : "node";
  assertTenant(role, request.tenantId);
  const name = { role, tenantId: request.tenantId, name: request.host } as const;
  const addresses = request.addresses.map((address) => formatAddress(parseAddress(address)));
  assertIdIsFree(deps.membership.members, name, request.hostId);
  const changed = await edit(deps, "host.add", request, (records) => {
    const known = records.get(name);
    const { hostId } = request;
    const isSo = known !== undefined && known.state !== "removed" && known.hostId === hostId;
    if (isSo && JSON.stringify(known.addresses) === JSON.stringify(addresses)) return undefined;
    // A host that is drained is so until somebody says otherwise.
    const state = known?.state === "draining" ? "draining" : "expected";
    return { ...name, hostId, addresses, state, rev: known?.rev ?? 0 };
  });
  return { member: tellMember(deps.membership, name), changed };
}

/** Expects a host no longer. */
export async function removeHost(
  deps: MembershipCallDeps,
  request: RemoveHostRequest,
): Promise<MessageInitShape<typeof RemoveHostResponseSchema>> {
  const { membership } = deps;
  const tombstone = removedBefore(deps, request);
  if (tombstone) return { member: tellMember(membership, tombstone), changed: false };
  const member = memberOf(deps, request);
  if (membership.isInFile(member)) throw isInFile(member, membership.path);
  const upstream = deps.members.upstreamOf(member);
  const answer = {
    member: tellMember(membership, member),
    hosts: (upstream ? deps.table.hostsOnlyVia(upstream) : []).sort(compareHosts),
  };
  if (request.dryRun) {
    recordsOf(deps).assertUsable();
    return { ...answer, changed: true };
  }
  const changed = await edit(deps, "host.remove", { ...request, tenantId: member.tenantId, host: member.name }, (records) => {
    const known = records.get(member);
    return known && known.state !== "removed" ? { ...known, state: "removed" } : undefined;
  });
  return { ...answer, changed };
}

/** Takes a host out of service, or back. */
export async function drainHost(
  deps: MembershipCallDeps,
  request: DrainHostRequest,
): Promise<MessageInitShape<typeof DrainHostResponseSchema>> {
  const member = memberOf(deps, request);
  const name = { role: member.role, tenantId: member.tenantId, name: member.name };
  const action = request.draining ? "host.drain" : "host.undrain";
  const changed = await edit(deps, action, { ...request, tenantId: member.tenantId, host: member.name }, (records) => {
    const known = records.get(name);
    if ((known?.state === "draining") === request.draining) return undefined;
    const state = request.draining ? "draining" : "expected";
    // Without addresses it only says more of a host that the file names, and ends with that.
    return {
      ...name,
      hostId: known?.hostId ?? "",
      addresses: known?.state === "removed" ? [] : (known?.addresses ?? []),
      state,
      rev: known?.rev ?? 0,
    };
  });
  return { member: tellMember(deps.membership, name), changed };
}

type Draft = Omit<MembershipRecord, "reason" | "changedBy" | "changedAtUnixMs">;

/** Makes a change of what is stored now, puts it on record, and stores it unless somebody was quicker: then once more.
 *  @returns false: nothing had to be changed */
async function edit(
  deps: MembershipCallDeps,
  action: string,
  asked: Named,
  change: (records: CommandRecords) => Draft | undefined,
): Promise<boolean> {
  const records = recordsOf(deps);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    records.assertUsable();
    const draft = change(records);
    if (!draft) return false;
    const { sourceLabel: changedBy, reason } = asked;
    await putOnRecord(auditOf(deps), action, changedBy, draft, reason);
    const stored = await records.put({ ...draft, reason, changedBy, changedAtUnixMs: deps.nowUnixMs() });
    if (stored) return true;
  }
  throw new MosaicError("BUSY", `others change what is expected of ${asked.host} at the same time`, { hint: "try again" });
}

async function putOnRecord(audit: AuditLog, action: string, actor: string, record: Draft, reason: string): Promise<void> {
  const { role, tenantId, name, addresses, hostId } = record;
  await audit.record({
    ...{ action, actor, tenantId, host: name },
    facts: {
      role,
      ...(addresses.length === 0 ? {} : { addresses: addresses.join(" ") }),
      ...(hostId === "" ? {} : { host_id: hostId }),
      ...(reason === "" ? {} : { reason }),
    },
  });
}

function memberOf(deps: MembershipCallDeps, request: Named): Member {
  return findMember(namedIn(request), deps.membership.members, deps.fleetLog.state.hosts());
}

function removedBefore(deps: MembershipCallDeps, request: Named): MembershipRecord | undefined {
  const wanted = namedIn(request);
  const isExpected = membersNamed(wanted, deps.membership.members, deps.fleetLog.state.hosts()).length > 0;
  const removed = recordsOf(deps).all.filter(({ state }) => state === "removed");
  return isExpected ? undefined : membersNamed(wanted, removed, [])[0];
}

function namedIn({ role, tenantId, host }: Named) {
  const named = role === Role.AGGREGATOR ? "aggregator" : role === Role.NODE ? "node" : undefined;
  return { role: named, tenantId, host } as const;
}

function assertTenant(role: Member["role"], tenantId: string): void {
  if (role === "node" && tenantId === "")
    throw new MosaicError("USAGE", "a host is expected with its tenant", { hint: "mosaic host add <tenant>/<host> --address …" });
  if (role === "aggregator" && tenantId !== "")
    throw new MosaicError("USAGE", `an aggregator has no tenant, and ${tenantId} was given`, {
      hint: "mosaic host add <name> --role aggregator --address …",
    });
}

function assertIdIsFree(members: readonly Member[], name: Pick<Member, "role" | "tenantId" | "name">, hostId: string): void {
  const other = members.find((member) => hostId !== "" && member.hostId === hostId && member.name !== name.name);
  if (!other) return;
  throw new MosaicError("NOT_ALLOWED", `the host id ${hostId} is expected as ${memberName(other)} already`, {
    hint: `if it was renamed: mosaic host rm ${memberName(other)}, then add it again`,
  });
}

function recordsOf({ membership }: MembershipCallDeps): CommandRecords {
  if (membership.records) return membership.records;
  throw new MosaicError("NOT_HERE", "this aggregator keeps no membership but its file", { hint: `edit ${membership.path}` });
}

// Without a record of who did it nothing is changed.
function auditOf({ membership }: MembershipCallDeps): AuditLog {
  if (membership.audit) return membership.audit;
  throw new MosaicError("NOT_HERE", "this aggregator has no audit log, so nothing is changed by command");
}

function isInFile(member: Member, path: string): MosaicError {
  const also = member.sources?.includes("command") ? "; it was added by command too, which ends with that" : "";
  return new MosaicError(
    "NOT_ALLOWED",
    `${memberName(member)} is named by the membership file, which only its owner edits${also}`,
    {
      hint: `take its group out of ${path}; to keep it and mark it: mosaic host drain ${memberName(member)}`,
    },
  );
}

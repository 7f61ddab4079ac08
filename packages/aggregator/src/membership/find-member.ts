import { MosaicError, nearNames } from "@mosaic/core";
import { type Member, memberName } from "@mosaic/core/membership";
import type { HostStatus } from "@mosaic/wire";

/** A member as somebody names it. */
export interface NamedMember {
  readonly role: Member["role"] | undefined;
  /** Empty: whichever has a host of the name. */
  readonly tenantId: string;
  /** The host's name or its id, or an aggregator's name. */
  readonly host: string;
}

/** Those of a list that a name fits.
 *  @param known every host that is listed, to tell a name by its id */
export function membersNamed<M extends Pick<Member, "role" | "tenantId" | "name" | "hostId">>(
  wanted: NamedMember,
  members: readonly M[],
  known: readonly HostStatus[],
): readonly M[] {
  const byId = known.filter((host) => host.hostId !== "" && host.hostId === wanted.host);
  const isMeant = (member: M) =>
    member.name === wanted.host ||
    member.hostId === wanted.host ||
    byId.some((host) => member.role === "node" && host.host === member.name && host.tenantId === member.tenantId);
  return members.filter(
    (member) =>
      (wanted.role === undefined || member.role === wanted.role) &&
      (wanted.tenantId === "" || member.tenantId === wanted.tenantId) &&
      isMeant(member),
  );
}

/** The one member that a name fits.
 *  @throws MosaicError USAGE when it fits several, NOT_ALLOWED when it is a host that another aggregator answers for,
 *  HOST_NOT_FOUND when it fits none */
export function findMember<M extends Member>(wanted: NamedMember, members: readonly M[], known: readonly HostStatus[]): M {
  const [found, ...others] = membersNamed(wanted, members, known);
  if (found && others.length === 0) return found;
  const name = memberName({ tenantId: wanted.tenantId, name: wanted.host });
  if (found) {
    const fitting = [found, ...others].map((member) => `${memberName(member)} (${member.role})`).join(", ");
    throw new MosaicError("USAGE", `${name} fits more than one member: ${fitting}`, { hint: "write tenant/host, and --role" });
  }
  const behind = known.find(
    (host) =>
      (host.host === wanted.host || host.hostId === wanted.host) && (wanted.tenantId === "" || host.tenantId === wanted.tenantId),
  );
  if (behind) throw isBehindAnother(behind);
  const near = nearNames(name, members.map(memberName));
  const hint = near.length > 0 ? `did you mean ${near.join(", ")}?` : "see who is expected: mosaic host list --all-hosts";
  throw new MosaicError("HOST_NOT_FOUND", `membership names no host ${name}`, { hint });
}

function isBehindAnother({ tenantId, host, routes }: HostStatus): MosaicError {
  const through = routes[0]?.member;
  return new MosaicError(
    "NOT_ALLOWED",
    `${tenantId}/${host} is expected by a further aggregator${through ? `, ${through},` : ""} and not by this one`,
    { hint: "ask that aggregator: mosaic --endpoint <its address> host …" },
  );
}

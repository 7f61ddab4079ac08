import { type FleetChange, MosaicError } from "@mosaic/core";
import { type Member, memberName } from "@mosaic/core/membership";
import { fromConnectError, statusNameOf } from "@mosaic/rpc";
import { HostState, type InfoResponse, Role } from "@mosaic/wire";
import type { Link } from "./link.ts";

type LostState = Extract<Link, { kind: "lost" }>["state"];

const PROTOCOL_VERSION = 1;

/** Refuses whoever answers at a member's address and is not that member.
 *  @param ownId the id of this aggregator, which is nobody's member
 *  @throws MosaicError with a `lostState` that says how its hosts are shown then; see `lostStateOf` */
export function assertIsMember(member: Member, info: InfoResponse, ownId: string): void {
  if (info.protocolVersion > PROTOCOL_VERSION)
    throw refusal(HostState.INCOMPATIBLE, `it speaks contract ${info.protocolVersion}, we speak ${PROTOCOL_VERSION}`);
  if (info.id === ownId) throw refusal(HostState.INCOMPATIBLE, "that address is this aggregator itself");
  const wanted = member.role === "node" ? Role.NODE : Role.AGGREGATOR;
  if (info.role !== wanted) throw refusal(HostState.AUTH_FAILED, `the role ${member.role} is expected there, another answers`);
  if (!isMembersHost(member, info)) throw impostor(member, info);
  if (member.hostId !== undefined && info.id !== member.hostId)
    throw refusal(HostState.AUTH_FAILED, `the host id ${member.hostId} is expected there, ${info.id || "none"} answers`);
}

/** Refuses a node's word for another host than its own: it must not put one into the fleet, nor take its place.
 *  @throws MosaicError as `assertIsMember` */
export function assertSpeaksForItself(member: Member, changes: readonly FleetChange[]): void {
  for (const change of changes)
    if (change.kind === "host" && !isMembersHost(member, change.status)) throw impostor(member, change.status);
}

/** True for a host that a member may speak for: a node's own, and any that an aggregator has behind it. */
export function isMembersHost(member: Member, host: { readonly tenantId: string; readonly host: string }): boolean {
  return member.role === "aggregator" || (host.host === member.name && host.tenantId === member.tenantId);
}

/** How a member's hosts are shown after an attempt ended with what was thrown. */
export function lostStateOf(thrown: unknown): LostState {
  const told = (thrown as { lostState?: LostState }).lostState;
  if (told !== undefined) return told;
  // It answers, and refuses us or is refused by us: no network will mend that.
  return ["UNAUTHENTICATED", "PERMISSION_DENIED"].includes(statusNameOf(thrown)) ? HostState.AUTH_FAILED : HostState.UNREACHABLE;
}

/** Why an attempt failed, for people. What the library says is long and repeats the code; they want "connection refused". */
export function reasonOf(thrown: unknown): string {
  const message = fromConnectError(thrown, "call").message;
  const known = /ECONNREFUSED|ENOENT|ECONNRESET|EHOSTUNREACH|ETIMEDOUT/.exec(message)?.[0];
  const words: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ENOENT: "no socket there",
    ECONNRESET: "connection reset",
    EHOSTUNREACH: "no route to host",
    ETIMEDOUT: "connection timed out",
  };
  if (known) return words[known] ?? known;
  if (/the connection broke/.test(message)) return "connection lost";
  return /deadline_exceeded|timed out/.test(message) ? "no answer in time" : message.replace(/^call: /, "");
}

function refusal(lostState: LostState, detail: string): MosaicError & { lostState: LostState } {
  const code = lostState === HostState.INCOMPATIBLE ? "INCOMPATIBLE" : "NOT_ALLOWED";
  return Object.assign(new MosaicError(code, detail), { lostState });
}

function impostor(member: Member, host: { readonly tenantId: string; readonly host: string }): MosaicError {
  return refusal(HostState.AUTH_FAILED, `${memberName(member)} is expected there, ${host.tenantId}/${host.host} answers`);
}

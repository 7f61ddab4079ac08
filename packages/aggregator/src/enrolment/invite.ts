import type { MessageInitShape } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import {
  fingerprintWords,
  formatIdentity,
  formatJoinLine,
  INVITATION_TTL_MS,
  type Invitation,
  type Invited,
  newInvitation,
  pinOf,
} from "@mosaic/identity";
import type { EnrolmentCaller } from "@mosaic/rpc";
import {
  type ApproveRequest,
  type ApproveResponseSchema,
  EnrolledKind,
  type InviteRequest,
  type InviteResponseSchema,
} from "@mosaic/wire";
import { assertAdministrator, type EnrolmentDeps } from "./calls.ts";

/** Invitations that are over are kept so long, so that who comes late is told so, in ms. */
const KEEP_MS = 7 * 24 * 3_600_000;
const MAX_OPEN = 1000;

/** Makes an invitation. Its secret is in the answer, and nowhere else. */
export async function invite(
  deps: EnrolmentDeps,
  request: InviteRequest,
  caller: EnrolmentCaller,
): Promise<MessageInitShape<typeof InviteResponseSchema>> {
  const invited = toInvited(request);
  const madeBy = await assertAdministrator(deps, caller, "Invite", request.tenantId, request.sourceLabel);
  const { trust } = await deps.authority();
  const addresses = request.addresses.length > 0 ? request.addresses : deps.addresses();
  if (addresses.length === 0)
    throw new MosaicError("USAGE", "nobody could join: this aggregator waits for nobody", {
      hint: "start it with --enrol <host>:<port>, or name what stands before it: --address <host>:<port>",
    });
  const nowUnixMs = deps.clock.nowUnixMs();
  const expiresAtUnixMs = nowUnixMs + (Number(request.ttlMs) || INVITATION_TTL_MS);
  const { invitation, secret } = newInvitation({ invited, expiresAtUnixMs, needsApproval: request.needsApproval, madeBy });
  await deps.register.change(async (state, keep) => {
    const kept = state.invitations.filter((each) => each.expiresAtUnixMs + KEEP_MS > nowUnixMs);
    if (kept.length >= MAX_OPEN) throw new MosaicError("BUSY", `there are ${kept.length} invitations of the last week`);
    const facts = { invitation: invitation.id, kind: invited.kind, needs_approval: request.needsApproval };
    await deps.audit.record({ action: "enrolment.invite", actor: madeBy, tenantId: request.tenantId, host: deps.host, facts });
    await keep({ ...state, invitations: [...kept, invitation] });
  });
  const line = formatJoinLine({
    ...{ fleet: trust.fleet, addresses, invitationId: invitation.id, secret },
    rootPins: trust.roots.map(pinOf),
  });
  return { invitationId: invitation.id, line, expiresAtUnixMs: BigInt(expiresAtUnixMs) };
}

/** Lets in who waits, by the six words that a person has compared. */
export async function approve(
  deps: EnrolmentDeps,
  request: ApproveRequest,
  caller: EnrolmentCaller,
): Promise<MessageInitShape<typeof ApproveResponseSchema>> {
  const waiting = deps.register.state.invitations.find((each) => isWaiting(each, request.fingerprint));
  const tenantId = waiting && "tenantId" in waiting.invited ? waiting.invited.tenantId : "";
  const actor = await assertAdministrator(deps, caller, "Approve", tenantId, request.sourceLabel);
  return await deps.register.change(async (state, keep) => {
    const nowUnixMs = deps.clock.nowUnixMs();
    const own = state.invitations.find((each) => each.id === waiting?.id && isWaiting(each, request.fingerprint));
    if (!own?.used || nowUnixMs >= own.expiresAtUnixMs)
      throw new MosaicError("HOST_NOT_FOUND", "nobody with those six words waits to be approved", {
        hint: "see who waits: mosaic fleet ca status; let the words be read out again, from where mosaic host join runs",
      });
    const identity = formatIdentity(own.used.identity);
    const facts = { identity, key_sha256: own.used.keySha256, invitation: own.id };
    await deps.audit.record({ action: "enrolment.approve", actor, tenantId, host: deps.host, facts });
    // From now on: the ten minutes for the same key begin.
    const used = { ...own.used, isApproved: true, atUnixMs: nowUnixMs };
    await keep({ ...state, invitations: state.invitations.map((each) => (each === own ? { ...own, used } : each)) });
    return { identity };
  });
}

/** True for an invitation that somebody has come with, who waits for a person. */
export function isWaiting({ used }: Invitation, fingerprint?: string): boolean {
  if (!used || used.isApproved) return false;
  return fingerprint === undefined || fingerprintWords(used.keySha256) === fingerprint;
}

function toInvited({ kind, tenantId, name }: InviteRequest): Invited {
  if (kind === EnrolledKind.AGGREGATOR) return { kind: "aggregator" };
  if (tenantId === "") throw new MosaicError("USAGE", "say for which tenant: --tenant");
  if (kind === EnrolledKind.NODE) return { kind: "node", tenantId };
  if (name === "") throw new MosaicError("USAGE", "say who is invited");
  return { kind: kind === EnrolledKind.USER ? "user" : "agent", tenantId, name };
}

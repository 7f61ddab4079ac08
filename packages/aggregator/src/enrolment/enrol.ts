import type { MessageInitShape } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import {
  type Attempt,
  fingerprintWords,
  formatIdentity,
  type Identity,
  type Invitation,
  type InvitationUse,
  type Invited,
  issueLeaf,
  keySha256,
  type Member,
  publicKeyOfCsr,
  type RefusedJoin,
  type RegisterState,
  redeem,
  signNews,
} from "@mosaic/identity";
import type { EnrolmentCaller } from "@mosaic/rpc";
import type { EnrolRequest, EnrolResponseSchema } from "@mosaic/wire";
import type { AuthorityView } from "./authority.ts";
import type { EnrolmentDeps } from "./calls.ts";

type Keep = (next: RegisterState) => Promise<void>;
type EnrolAnswer = MessageInitShape<typeof EnrolResponseSchema>;

/** Redeems an invitation. What is decided is on disk before it is done: a crash in between costs another try with the same key. */
export async function enrol(deps: EnrolmentDeps, request: EnrolRequest, caller: EnrolmentCaller): Promise<EnrolAnswer> {
  if (caller.chain !== undefined) deps.attempts.count(caller.address, deps.clock.monotonicMs());
  const publicKey = await publicKeyOfCsr(request.csr);
  const view = await deps.authority();
  const answer = await deps.register.change((state, keep) => admit(deps, view, state, keep, request, publicKey));
  // Who knows the secret was not guessing: a site of ten hosts comes from one address, and who waits asks again and again.
  if (caller.chain !== undefined) deps.attempts.forgive(caller.address);
  return answer;
}

async function admit(
  deps: EnrolmentDeps,
  view: AuthorityView,
  state: RegisterState,
  keep: Keep,
  request: EnrolRequest,
  publicKey: Uint8Array,
): Promise<EnrolAnswer> {
  const nowUnixMs = deps.clock.nowUnixMs();
  const invitation = state.invitations.find(({ id }) => id === request.invitationId);
  const key = keySha256(publicKey);
  const identity = identityFor(invitation?.invited, request, view.trust.fleet);
  const attempt: Attempt = { secret: request.secret, keySha256: key, identity };
  const redemption = redeem(invitation, attempt, nowUnixMs);
  if (redemption.kind === "refused") throw await refusal(deps, state, keep, redemption, invitation);
  // There is one, or it would have been refused.
  const own = invitation as Invitation;
  assertFree(state, identity, key, request.host);
  const used = withUse(state, own, redemption.use);
  if (own.used === undefined) await keep(used);
  const common = { roots: view.rootsPem, identity: formatIdentity(identity) };
  if (redemption.kind === "wait") {
    const fingerprint = fingerprintWords(key);
    if (own.used === undefined) deps.log.info({ identity: common.identity, fingerprint }, "somebody waits to be approved");
    return { ...common, waiting: true, fingerprint };
  }
  const facts = { identity: common.identity, key_sha256: key, invitation: own.id, invited_by: own.madeBy };
  const tenantId = "tenantId" in identity ? identity.tenantId : "";
  await deps.audit.record({ action: "enrolment.enrol", actor: own.madeBy, tenantId, host: request.host || deps.host, facts });
  const leaf = await issueLeaf(view.intermediate, { publicKey, identity, nowUnixMs, ttlMs: deps.leafTtlMs });
  const member: Member = {
    ...{ identity: common.identity, tenantId, host: request.host, keySha256: key, enrolledAtUnixMs: nowUnixMs },
    ...{ renewedAtUnixMs: nowUnixMs, endsAtUnixMs: Date.parse(leaf.validTo), standing: "in" },
    ...{ rootPins: [], signedUnder: view.signsUnder },
  };
  await keep({ ...used, members: [...used.members.filter((each) => !isSame(each, member)), member] });
  const chain = `${leaf}${view.intermediate.certificate}`;
  const isExpected = await expectHost(deps, identity, request, own.madeBy);
  const policy = identity.kind === "node" ? await deps.policyText() : "";
  const told = { roots: common.roots, policy };
  const locks = signNews(view.intermediate, { locks: state.locks, asOfUnixMs: nowUnixMs }, told, request.csr);
  return { ...common, chain, isExpected, policy, locks };
}

function identityFor(invited: Invited | undefined, { hostId }: EnrolRequest, fleet: string): Identity {
  if (invited?.kind === "user" || invited?.kind === "agent")
    return { kind: invited.kind, fleet, tenantId: invited.tenantId, name: invited.name };
  if (invited?.kind === "node") return { kind: "node", fleet, tenantId: invited.tenantId, hostId };
  return { kind: "aggregator", fleet, id: hostId };
}

/** The same host, whatever its key; the same person with the same key. */
function isSame(a: Member, b: Member): boolean {
  return a.identity === b.identity && (a.keySha256 === b.keySha256 || b.identity.endsWith("/node"));
}

// Whoever holds an invitation for a tenant must not become one of its hosts that are there.
function assertFree({ members }: RegisterState, identity: Identity, key: string, host: string): void {
  const uri = formatIdentity(identity);
  const banned = members.find((member) => member.standing === "banned" && (member.identity === uri || member.keySha256 === key));
  if (banned)
    throw new MosaicError("NOT_ALLOWED", `${banned.identity} is banned`, {
      hint: "an administrator lifts it: mosaic host ban --lift",
    });
  if (identity.kind !== "node") return;
  const others = members.filter(
    ({ standing, tenantId, identity: of }) => standing === "in" && tenantId === identity.tenantId && of.endsWith("/node"),
  );
  const clash = others.find((each) => (each.identity === uri ? each.keySha256 !== key : each.host === host && host !== ""));
  if (!clash) return;
  const name = `${identity.tenantId}/${clash.host || identity.hostId}`;
  throw new MosaicError("NOT_ALLOWED", `${name} is in the fleet already, with another key`, {
    hint: `if it was installed anew: mosaic host evict ${name}, then paste the line again`,
  });
}

function withUse(state: RegisterState, invitation: Invitation, use: InvitationUse): RegisterState {
  const invitations = state.invitations.map((each) => (each.id === invitation.id ? { ...each, used: use } : each));
  return { ...state, invitations };
}

const WORDS: Readonly<Record<RefusedJoin, string>> = {
  unknown: "the invitation is not known",
  over: "the invitation is over",
  "used-before": "the invitation was used before",
  "used-by-another-key": "the invitation was used by another key",
  "other-identity": "the invitation is for somebody else",
};

const MAX_ALARMS = 20;

async function refusal(
  deps: EnrolmentDeps,
  state: RegisterState,
  keep: Keep,
  { because, isAlarming }: { readonly because: RefusedJoin; readonly isAlarming: boolean },
  invitation: Invitation | undefined,
): Promise<MosaicError> {
  const tenantId = invitation && "tenantId" in invitation.invited ? invitation.invited.tenantId : "";
  // Who does not know the secret learns nothing of the invitation, and must not fill the audit log.
  if (because === "unknown") deps.log.warn({ because }, "an attempt to join was refused");
  else {
    const facts = { because, invitation: invitation?.id ?? "" };
    await deps.audit.record({
      action: isAlarming ? "enrolment.alarm" : "enrolment.refused",
      actor: "stranger",
      tenantId,
      host: deps.host,
      facts,
    });
  }
  if (isAlarming) {
    const text = `invitation ${invitation?.id.slice(0, 8)} (by ${invitation?.madeBy}): ${WORDS[because]}; its line was in two hands`;
    await keep({ ...state, alarms: [...state.alarms, { atUnixMs: deps.clock.nowUnixMs(), text }].slice(-MAX_ALARMS) });
    deps.log.error({ because }, text);
  }
  return new MosaicError("IDENTITY_REFUSED", WORDS[because], { hint: "ask for a new line: mosaic host invite" });
}

async function expectHost(deps: EnrolmentDeps, identity: Identity, request: EnrolRequest, invitedBy: string): Promise<boolean> {
  if (identity.kind !== "node" || request.addresses.length === 0 || request.host === "") return false;
  const { tenantId, hostId } = identity;
  try {
    await deps.expectHost({ tenantId, host: request.host, hostId, addresses: request.addresses, invitedBy });
    return true;
  } catch (thrown) {
    // It has its certificate; that it has to be added by hand is told to who joins.
    deps.log.warn(
      { host: request.host, error: MosaicError.from(thrown).message },
      "a host that joined could not be added to membership",
    );
    return false;
  }
}

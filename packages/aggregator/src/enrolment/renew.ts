import { createHash, type X509Certificate } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import {
  findLock,
  formatIdentity,
  formatLocks,
  type Identity,
  identityOf,
  issueLeaf,
  keySha256,
  LATE_RENEWAL_MS,
  type Lock,
  type Member,
  parseCertificates,
  pinOf,
  publicKeyOfCsr,
  type RegisterState,
  signNews,
} from "@mosaic/identity";
import type { EnrolmentCaller } from "@mosaic/rpc";
import type { ConfirmRootsRequest, RenewRequest, RenewResponseSchema } from "@mosaic/wire";
import { type AuthorityView, rootPinOf } from "./authority.ts";
import type { EnrolmentDeps } from "./calls.ts";

/** Somebody who has proved to have the key of a certificate of ours. */
interface Known {
  readonly identity: Identity;
  readonly member: Member;
  readonly chain: readonly X509Certificate[];
  readonly publicKey: Uint8Array;
  readonly isLate: boolean;
  readonly view: AuthorityView;
}

type Proof = Pick<RenewRequest, "csr" | "chain">;

/** Renews a certificate, or waits for news. */
export async function renew(
  deps: EnrolmentDeps,
  request: RenewRequest,
  caller: EnrolmentCaller,
): Promise<MessageInitShape<typeof RenewResponseSchema>> {
  if (caller.chain !== undefined) deps.renewals.count(caller.address, deps.clock.monotonicMs());
  const known = await whoProves(deps, request);
  const chain = request.wantsCertificate ? await issue(deps, known) : "";
  if (chain === "" && request.newsSeen !== "") await otherNews(deps, request, known, caller.signal);
  // As of now: it may have been locked out while it waited.
  const { view } = request.newsSeen === "" ? known : await whoProves(deps, request);
  const asOfUnixMs = deps.clock.nowUnixMs();
  const { locks } = deps.register.state;
  const signedUnder = chain === "" ? rootPinOf(known.chain, view.trust, lastMomentOf(known.chain, asOfUnixMs)) : view.signsUnder;
  const roots = view.rootsPem;
  return {
    ...{ chain, roots, locks: signNews(view.intermediate, { locks, asOfUnixMs }, { roots }, request.csr) },
    news: newsOf(view, locks),
    ...{ renewNow: signedUnder !== view.signsUnder, wasLate: known.isLate },
  };
}

/** Writes down which roots somebody trusts. */
export async function confirmRoots(deps: EnrolmentDeps, request: ConfirmRootsRequest, caller: EnrolmentCaller): Promise<void> {
  if (caller.chain !== undefined) deps.renewals.count(caller.address, deps.clock.monotonicMs());
  const { member } = await whoProves(deps, request);
  await deps.register.change(async (state, keep) => keep(withMember(state, member, { rootPins: request.rootPins })));
}

/** @throws MosaicError IDENTITY_REFUSED, NOT_ALLOWED for who is locked out */
async function whoProves(deps: EnrolmentDeps, { csr, chain: pem }: Proof): Promise<Known> {
  const view = await deps.authority();
  const nowUnixMs = deps.clock.nowUnixMs();
  const chain = parseCertificates(pem, "the request");
  const [leaf] = chain;
  if (!leaf) throw new MosaicError("IDENTITY_REFUSED", "the request shows no certificate");
  const publicKey = await publicKeyOfCsr(csr);
  if (pinOf(leaf) !== keySha256(publicKey))
    throw new MosaicError("IDENTITY_REFUSED", "the request was signed with another key than its certificate's");
  const endedAtMs = Date.parse(leaf.validTo);
  const isLate = nowUnixMs >= endedAtMs;
  const identity = identityOf(chain, view.trust, lastMomentOf(chain, nowUnixMs));
  if (nowUnixMs - endedAtMs > LATE_RENEWAL_MS)
    throw new MosaicError("IDENTITY_REFUSED", `the certificate ended ${leaf.validTo}, which is more than 30 days ago`, {
      hint: "ask for a new line: mosaic host invite",
    });
  const member = memberOf(deps.register.state, identity, leaf, nowUnixMs);
  return { identity, member, chain, publicKey, isLate, view };
}

/** @throws MosaicError NOT_ALLOWED for who is locked out, or has no part in the fleet */
function memberOf({ members, locks }: RegisterState, identity: Identity, leaf: X509Certificate, nowUnixMs: number): Member {
  const uri = formatIdentity(identity);
  const member = members.find((each) => each.identity === uri && each.keySha256 === pinOf(leaf));
  const lock = findLock({ locks, asOfUnixMs: nowUnixMs }, identity, leaf);
  if (!lock && member?.standing === "in") return member;
  const why = lock?.reason ? `: ${lock.reason}` : "";
  throw new MosaicError(
    "NOT_ALLOWED",
    member ? `${uri} was locked out${why}` : `${uri} is not a member of the fleet with this key`,
    {
      hint: "an administrator invites it again: mosaic host invite",
    },
  );
}

// A chain that is over is judged as of its last moment: what was wrong with it then is wrong with it now.
function lastMomentOf(chain: readonly X509Certificate[], nowUnixMs: number): number {
  return Math.min(nowUnixMs, ...chain.map(({ validTo }) => Date.parse(validTo) - 1000));
}

async function issue(deps: EnrolmentDeps, { identity, member, chain, publicKey, isLate, view }: Known): Promise<string> {
  const action = isLate ? "enrolment.late_renewal" : "enrolment.renewal";
  const facts = { identity: member.identity, key_sha256: member.keySha256 };
  await deps.audit.record({ action, actor: member.identity, tenantId: member.tenantId, host: member.host || deps.host, facts });
  if (isLate) deps.log.warn({ identity: member.identity }, "renewed a certificate that had ended");
  return await deps.register.change(async (state, keep) => {
    const nowUnixMs = deps.clock.nowUnixMs();
    // Once more, where nobody can be locked out in between: a certificate that is made after the lock would not be taken away by it.
    memberOf(state, identity, chain[0] as X509Certificate, nowUnixMs);
    const leaf = await issueLeaf(view.intermediate, { publicKey, identity, nowUnixMs, ttlMs: deps.leafTtlMs });
    const fresh = { renewedAtUnixMs: nowUnixMs, endsAtUnixMs: Date.parse(leaf.validTo), signedUnder: view.signsUnder };
    await keep(withMember(state, member, fresh));
    return `${leaf}${view.intermediate.certificate}`;
  });
}

function withMember(state: RegisterState, { identity, keySha256: key }: Member, fields: Partial<Member>): RegisterState {
  const isIt = (each: Member) => each.identity === identity && each.keySha256 === key;
  return { ...state, members: state.members.map((each) => (isIt(each) ? { ...each, ...fields } : each)) };
}

/** What everybody should know, as one hash. */
function newsOf({ rootsPem, signsUnder }: AuthorityView, locks: readonly Lock[]): string {
  const text = JSON.stringify([rootsPem, signsUnder, formatLocks({ locks, asOfUnixMs: 0 })]);
  return createHash("sha256").update(text).digest("hex");
}

const LOOK_EVERY_MS = 1000;

async function otherNews(deps: EnrolmentDeps, request: RenewRequest, known: Known, signal: AbortSignal): Promise<void> {
  const untilMs = deps.clock.monotonicMs() + request.waitMs;
  let isOther = () => {};
  // The authority's files are changed by a command, which tells nobody: they are looked at now and then.
  using _ = deps.register.onChange(() => isOther());
  let { view } = known;
  while (!signal.aborted && newsOf(view, deps.register.state.locks) === request.newsSeen) {
    const leftMs = untilMs - deps.clock.monotonicMs();
    if (leftMs <= 0) return;
    const stop = new AbortController();
    isOther = () => stop.abort();
    await deps.clock.sleep(Math.min(LOOK_EVERY_MS, leftMs), AbortSignal.any([signal, stop.signal]));
    view = await deps.authority();
  }
}

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import {
  fingerprintWords,
  formatIdentity,
  formatLocks,
  type Lock,
  type Member,
  parseIdentity,
  type RegisterState,
} from "@mosaic/identity";
import type { EnrolmentCaller } from "@mosaic/rpc";
import {
  EnrolledKind,
  EnrolledSchema,
  type ListEnrolledResponseSchema,
  type LockOutRequest,
  type LockOutResponseSchema,
} from "@mosaic/wire";
import { assertAdministrator, type EnrolmentDeps } from "./calls.ts";
import { isWaiting } from "./invite.ts";

/** A lock on certificates that were made up to some moment is needed only while one of them could be shown or renewed, in ms. */
const EVICTION_HOLDS_MS = 32 * 24 * 3_600_000;

/** Takes certificates away, for now or for good, or lifts a ban. */
export async function lockOut(
  deps: EnrolmentDeps,
  request: LockOutRequest,
  caller: EnrolmentCaller,
): Promise<MessageInitShape<typeof LockOutResponseSchema>> {
  const actor = await assertAdministrator(deps, caller, "LockOut", request.tenantId, request.sourceLabel);
  return await deps.register.change(async (state, keep) => {
    const meant = state.members.filter((member) => isMeant(member, request));
    const [first] = meant;
    if (!first) throw unknownMember(request);
    const next = request.lift ? lifted(state, meant) : locked(deps, state, meant, request);
    const changed = JSON.stringify(next) !== JSON.stringify(state);
    const action = request.lift ? "enrolment.lift" : request.ban ? "enrolment.ban" : "enrolment.evict";
    const facts = { identity: first.identity, reason: request.reason };
    if (changed && !request.dryRun) {
      await deps.audit.record({ action, actor, tenantId: first.tenantId, host: first.host || deps.host, facts });
      await keep(next);
    }
    const values = new Set(meant.flatMap(locksOn).map(({ kind, value }) => `${kind} ${value}`));
    const lockCount = next.locks.filter(({ kind, value }) => values.has(`${kind} ${value}`)).length;
    return { identity: first.identity, changed, lockCount };
  });
}

/** Lists members, who waits, and the locks, as far as the caller administers. */
export async function listEnrolled(
  deps: EnrolmentDeps,
  caller: EnrolmentCaller,
): Promise<MessageInitShape<typeof ListEnrolledResponseSchema>> {
  const { members, invitations, locks } = deps.register.state;
  const mayAsk = new Map<string, boolean>();
  const isOwn = async (tenantId: string) => {
    if (!mayAsk.has(tenantId)) mayAsk.set(tenantId, await isAdministrator(deps, caller, tenantId));
    return mayAsk.get(tenantId) === true;
  };
  const rows = [
    ...members.map(toRow),
    ...invitations.filter((each) => isWaiting(each)).flatMap(({ used }) => (used ? [waitingRow(used)] : [])),
  ];
  const seen: typeof rows = [];
  for (const row of rows) if (await isOwn(row.tenantId)) seen.push(row);
  const isWhole = seen.length === rows.length && caller.chain === undefined;
  const enrolled = seen.map(({ row }) => row).sort((a, b) => (a.identity < b.identity ? -1 : 1));
  return { enrolled, locks: formatLocks({ locks: isWhole ? locks : [], asOfUnixMs: deps.clock.nowUnixMs() }) };
}

async function isAdministrator(deps: EnrolmentDeps, caller: EnrolmentCaller, tenantId: string): Promise<boolean> {
  try {
    await assertAdministrator(deps, caller, "ListEnrolled", tenantId, "");
    return true;
  } catch (thrown) {
    const { code } = MosaicError.from(thrown);
    if (code === "NOT_ALLOWED") return false;
    throw thrown;
  }
}

function toRow(member: Member) {
  const { identity, tenantId, host, keySha256, standing, signedUnder } = member;
  const times = {
    enrolledAtUnixMs: BigInt(member.enrolledAtUnixMs),
    renewedAtUnixMs: BigInt(member.renewedAtUnixMs),
    endsAtUnixMs: BigInt(member.endsAtUnixMs),
  };
  const fingerprint = fingerprintWords(keySha256);
  const isLocked = standing !== "in";
  const rootPins = [...member.rootPins];
  return {
    tenantId,
    row: create(EnrolledSchema, { identity, host, keySha256, ...times, fingerprint, isLocked, rootPins, signedUnder }),
  };
}

function waitingRow({ identity, keySha256 }: { identity: Parameters<typeof formatIdentity>[0]; keySha256: string }) {
  const tenantId = "tenantId" in identity ? identity.tenantId : "";
  const fingerprint = fingerprintWords(keySha256);
  return { tenantId, row: create(EnrolledSchema, { identity: formatIdentity(identity), keySha256, fingerprint }) };
}

function isMeant(member: Member, { kind, tenantId, name }: LockOutRequest): boolean {
  const identity = parseIdentity(member.identity);
  if (!identity || member.tenantId !== tenantId) return false;
  if (identity.kind === "node") return kind === EnrolledKind.NODE && (identity.hostId === name || member.host === name);
  if (identity.kind === "aggregator") return kind === EnrolledKind.AGGREGATOR && identity.id === name;
  return kind === (identity.kind === "user" ? EnrolledKind.USER : EnrolledKind.AGENT) && identity.name === name;
}

// On who it is and on the key: to come back under another name needs another key, and under another key another name.
function locksOn({ identity: uri, keySha256 }: Member): Pick<Lock, "kind" | "value">[] {
  const identity = parseIdentity(uri);
  const key = { kind: "key", value: keySha256 } as const;
  if (!identity || identity.kind === "aggregator") return [key];
  if (identity.kind === "node") return [{ kind: "host", value: identity.hostId }, key];
  return [{ kind: identity.kind, value: `${identity.tenantId}/${identity.name}` }, key];
}

function locked(
  deps: EnrolmentDeps,
  state: RegisterState,
  meant: readonly Member[],
  { ban, reason }: LockOutRequest,
): RegisterState {
  const nowUnixMs = deps.clock.nowUnixMs();
  const standing = ban ? "banned" : "out";
  const changing = meant.filter((member) => member.standing !== "banned" && member.standing !== standing);
  if (changing.length === 0) return state;
  const until = ban ? {} : { madeUntilUnixMs: nowUnixMs };
  const fresh = changing.flatMap(locksOn).map((lock) => ({ ...lock, reason, atUnixMs: nowUnixMs, ...until }));
  const isThere = (lock: Lock) => fresh.some(({ kind, value }) => kind === lock.kind && value === lock.value);
  const old = state.locks.filter((lock) => !isThere(lock) && (lock.madeUntilUnixMs ?? nowUnixMs) + EVICTION_HOLDS_MS > nowUnixMs);
  return { ...withStanding(state, changing, standing), locks: [...old, ...fresh] };
}

// What was made before stays taken away: whoever is not banned any more may be invited again.
function lifted(state: RegisterState, meant: readonly Member[]): RegisterState {
  const banned = meant.filter(({ standing }) => standing === "banned");
  const values = new Set(banned.flatMap(locksOn).map(({ kind, value }) => `${kind} ${value}`));
  const locks = state.locks.map((lock) => {
    const isTheirs = values.has(`${lock.kind} ${lock.value}`) && lock.madeUntilUnixMs === undefined;
    return isTheirs ? { ...lock, madeUntilUnixMs: lock.atUnixMs } : lock;
  });
  return { ...withStanding(state, banned, "out"), locks };
}

function withStanding(state: RegisterState, some: readonly Member[], standing: Member["standing"]): RegisterState {
  return { ...state, members: state.members.map((each) => (some.includes(each) ? { ...each, standing } : each)) };
}

function unknownMember({ tenantId, name }: LockOutRequest): MosaicError {
  return new MosaicError("HOST_NOT_FOUND", `nobody was let in as ${tenantId}/${name}`, {
    hint: "see who was: mosaic fleet ca status",
  });
}

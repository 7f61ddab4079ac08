import { type AuditLog, type Clock, type Log, MosaicError } from "@mosaic/core";
import {
  assertFreshLocks,
  type Capability,
  CertifiedCallers,
  decide,
  type Identity,
  type IdentitySource,
  isMutating,
  type KnownCaller,
  type LockView,
  METHOD_VERBS,
  type Policy,
  untilRefused,
  whoIs,
} from "@mosaic/identity";
import { type Admission, type Guard, type GuardedCall, noSuchThing, signedRequest } from "@mosaic/rpc";
import { type GuardedHost, readRelayedCall } from "./relayed-call.ts";
import { UsedIds } from "./used-ids.ts";

export interface NodeGuardDeps {
  readonly own: GuardedHost;
  readonly identity: IdentitySource & { readonly locks: LockView };
  readonly policy: { readonly policy: Policy; onChange(listener: () => void): Disposable };
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
}

const FLEET_SERVICE = "mosaic.fleet.v1.FleetService";

/** Guards a node: what its own tenant does on this host is free; everybody else is known by certificate, may do what the policy
 *  says, and does what changes something in their own name, also over an aggregator. What changes something is on record before
 *  it is done, and so is what was refused (docs/adr/0023). */
export function nodeGuard(deps: NodeGuardDeps): Guard {
  const { identity, clock } = deps;
  const callers = new CertifiedCallers({ identity, locks: () => identity.locks, clock });
  const relaying = { own: deps.own, trust: () => identity.trust, used: new UsedIds(), clock, startedAtUnixMs: clock.nowUnixMs() };
  return {
    async admit(call) {
      if (call.carrier === "unix" || call.carrier === "memory") return { caller: { kind: "local" } };
      const peer = callers.of(call.chain ?? []).identity;
      const verb = Object.hasOwn(METHOD_VERBS, call.method) ? METHOD_VERBS[call.method] : undefined;
      const isOnRecord = verb === undefined || verb === "local" || isMutating(verb);
      const record = recorder(deps, call, peer);
      try {
        const mayRelay = judge(deps, call, peer, false);
        const capability = mayRelay ? undefined : await readRelayedCall(relaying, call);
        if (capability) record.signed(capability);
        if (capability) callers.of(capability.chain);
        if (capability) judge(deps, call, capability.caller, true);
        if (isOnRecord) assertFreshLocks(identity.locks, clock.nowUnixMs());
        if (isOnRecord) await record.write("call.allow", record.because(capability?.caller ?? peer));
        const ask = () => again(deps, callers, call, capability);
        const onChange = (listener: () => void) => both(identity.onChange(listener), deps.policy.onChange(listener));
        return {
          caller: { kind: "peer", identity: peer, capability },
          over: (stop) => untilRefused(ask, onChange, clock, stop),
        } satisfies Admission;
      } catch (thrown) {
        const isAnAttempt = isOnRecord || call.token !== undefined || peer.kind === "aggregator";
        if (isAnAttempt) await record.refusal(MosaicError.from(thrown));
        throw thrown;
      }
    },
  };
}

/** Whether somebody may do what a call does.
 *  @returns false: not in their own name, but they may relay it for somebody who may
 *  @throws MosaicError what there is to say to somebody who may not */
function judge({ own, policy }: NodeGuardDeps, call: GuardedCall, who: Identity, isSigner: boolean): boolean {
  const { tenantId } = own;
  const isOfFleet = call.service === FLEET_SERVICE;
  // Health and reflection tell what Info tells.
  const method = isOfFleet ? call.method : "Info";
  const decision = decide(policy.policy, { caller: who, method, tenantId });
  const sees = decide(policy.policy, { caller: who, method: "List", tenantId }).isAllowed;
  if (decision.isAllowed && (sees || decision.verb !== "probe")) return true;
  const canRelay = who.kind === "aggregator" && !isSigner && decision.verb !== undefined && decision.verb !== "administer";
  if (canRelay) return false;
  // Who may see nothing here learns nothing either: not even that there is something.
  if (!sees) throw noSuchThing(method, call.request);
  throw new MosaicError("NOT_ALLOWED", `${method} is not allowed: ${decision.because}`, {
    hint: `see why: mosaic policy explain ${whoIs(who)} ${decision.verb ?? method} ${tenantId}`,
  });
}

/** What a stream rests on, once more. */
function again(
  deps: NodeGuardDeps,
  callers: CertifiedCallers,
  call: GuardedCall,
  capability: Capability | undefined,
): KnownCaller {
  const peer = callers.of(call.chain ?? []);
  const mayRelay = judge(deps, call, peer.identity, false);
  if (!capability) {
    if (mayRelay) return peer;
    throw new MosaicError("NOT_ALLOWED", `${call.method} is not allowed any more`);
  }
  const signer = callers.of(capability.chain);
  judge(deps, call, signer.identity, true);
  return { identity: peer.identity, endsAtUnixMs: Math.min(peer.endsAtUnixMs, signer.endsAtUnixMs) };
}

function recorder({ own, audit, policy, log }: NodeGuardDeps, call: GuardedCall, peer: Identity) {
  const signed = call.request && signedRequest(call.method, call.request);
  let capability: Capability | undefined;
  const write = async (action: string, because: string, refusal?: string) => {
    const actor = whoIs(capability?.caller ?? peer);
    const facts = {
      ...{ method: call.method, because },
      ...(refusal === undefined ? {} : { code: refusal }),
      ...(signed ? { request_sha256: signed.requestSha256 } : {}),
      ...(signed?.messageId ? { message_id: signed.messageId } : {}),
      ...(capability ? { relayed_by: whoIs(peer), capability: capability.id } : {}),
    };
    const agent = signed?.agent;
    const address = agent && agent.name !== "" ? `${agent.tenantId}/${agent.host}/${agent.name}` : undefined;
    await audit.record({ action, actor, tenantId: own.tenantId, host: own.host, ...(address ? { agent: address } : {}), facts });
  };
  return {
    signed(read: Capability) {
      capability = read;
    },
    because: (who: Identity) => decide(policy.policy, { caller: who, method: call.method, tenantId: own.tenantId }).because,
    write,
    // It is refused anyway; that it could not be put on record is told to who runs this host.
    refusal: (error: MosaicError) =>
      write("call.deny", error.message, error.code).catch((thrown: unknown) =>
        log.error({ method: call.method, error: String(thrown) }, "a refused call could not be put on record"),
      ),
  };
}

function both(first: Disposable, second: Disposable): Disposable {
  return {
    [Symbol.dispose]() {
      first[Symbol.dispose]();
      second[Symbol.dispose]();
    },
  };
}

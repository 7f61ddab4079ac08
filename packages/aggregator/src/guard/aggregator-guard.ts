import { type Clock, MosaicError } from "@mosaic/core";
import {
  CertifiedCallers,
  decide,
  type Identity,
  type IdentitySource,
  type LockView,
  METHOD_VERBS,
  maySurvey,
  type Policy,
  untilRefused,
} from "@mosaic/identity";
import type { Guard, GuardedCall, Scope } from "@mosaic/rpc";

export interface AggregatorGuardDeps {
  readonly identity: IdentitySource & { readonly locks: LockView };
  readonly policy: { readonly policy: Policy; onChange(listener: () => void): Disposable };
  readonly clock: Clock;
}

/** Guards an aggregator: callers are known by certificate, and see what the policy lets them see. Who may change something of a
 *  tenant is decided here, so that what is hopeless is not carried, and again by the node, which does not rely on it. */
export function aggregatorGuard({ identity, policy, clock }: AggregatorGuardDeps): Guard {
  const callers = new CertifiedCallers({ identity, locks: () => identity.locks, clock });
  return {
    async admit(call) {
      if (call.carrier === "unix" || call.carrier === "memory") return { caller: { kind: "local" } };
      const known = callers.of(call.chain ?? []);
      assertKnown(call, known.identity);
      const scope = scopeOf(policy.policy, known.identity);
      const ask = () => {
        const now = callers.of(call.chain ?? []);
        // Who sees another part of the fleet than when the stream began starts over.
        if (sameScope(scope, scopeOf(policy.policy, now.identity))) return now;
        throw new MosaicError("NOT_ALLOWED", "what you may see has changed; ask again");
      };
      return {
        caller: { kind: "peer", identity: known.identity, scope },
        over: (stop) =>
          untilRefused(ask, (listener) => both(identity.onChange(listener), policy.onChange(listener)), clock, stop),
      };
    },
  };
}

/** Whose rows somebody may see; undefined: an aggregator relays all of them. */
function scopeOf(policy: Policy, caller: Identity): Scope | undefined {
  if (caller.kind === "aggregator") return undefined;
  const named = new Set(policy.grants.flatMap(({ tenantId }) => tenantId ?? []));
  const tenantIds = [...named].filter((tenantId) => decide(policy, { caller, method: "List", tenantId }).isAllowed).sort();
  return { tenantIds, surveysAll: maySurvey(policy, caller) };
}

function assertKnown({ method, service }: GuardedCall, caller: Identity): void {
  const verb = Object.hasOwn(METHOD_VERBS, method) ? METHOD_VERBS[method] : undefined;
  const isProbe = service !== "mosaic.fleet.v1.FleetService";
  if (isProbe || (verb !== undefined && verb !== "local" && caller.kind !== "node")) return;
  if (caller.kind === "node" && method === "Info") return;
  const why = caller.kind === "node" ? "a node asks nothing of others" : `no rule knows the method "${method.slice(0, 60)}"`;
  throw new MosaicError("NOT_ALLOWED", `${method} is not allowed: ${why}`);
}

function sameScope(before: Scope | undefined, now: Scope | undefined): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}

function both(first: Disposable, second: Disposable): Disposable {
  return {
    [Symbol.dispose]() {
      first[Symbol.dispose]();
      second[Symbol.dispose]();
    },
  };
}

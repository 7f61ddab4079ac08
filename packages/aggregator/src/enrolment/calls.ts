import type { AuditLog, Clock, FileStore, Log } from "@mosaic/core";
import { MosaicError } from "@mosaic/core";
import { type AttemptLimits, decide, findLock, formatIdentity, identityOf, type Policy } from "@mosaic/identity";
import type { EnrolmentCaller } from "@mosaic/rpc";
import type { AuthorityView } from "./authority.ts";
import type { Register } from "./register.ts";

/** What enrolment needs of the aggregator that it is a part of. */
export interface EnrolmentDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly files: FileStore;
  readonly register: Register;
  readonly authority: () => Promise<AuthorityView>;
  readonly policy: () => Policy;
  /** The policy as it is written, for hosts that have none; empty: there is none. */
  readonly policyText: () => Promise<string>;
  /** Attempts with invitations. */
  readonly attempts: AttemptLimits;
  /** Renewals and questions for news. */
  readonly renewals: AttemptLimits;
  /** Expects a host from now on. */
  readonly expectHost: (host: ExpectedHost) => Promise<void>;
  /** Where this aggregator enrols, for people elsewhere. */
  readonly addresses: () => readonly string[];
  /** Name of its host, for the audit. */
  readonly host: string;
  /** How long leaves hold, in ms. Default 24 h. */
  readonly leafTtlMs?: number | undefined;
}

export interface ExpectedHost {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
  readonly addresses: readonly string[];
  readonly invitedBy: string;
}

/** Looks that somebody may administer a tenant: this host's own tenant, or who policy says.
 *  @returns who it is, for the audit
 *  @throws MosaicError IDENTITY_REFUSED, NOT_ALLOWED */
export async function assertAdministrator(
  { authority, policy, clock, register }: EnrolmentDeps,
  caller: EnrolmentCaller,
  method: string,
  tenantId: string,
  label: string,
): Promise<string> {
  if (caller.chain === undefined) return label === "" ? "local" : label;
  const { trust } = await authority();
  const identity = identityOf(caller.chain, trust, clock.nowUnixMs());
  const uri = formatIdentity(identity);
  const [leaf] = caller.chain;
  const view = { locks: register.state.locks, asOfUnixMs: clock.nowUnixMs() };
  const isOut = leaf !== undefined && findLock(view, identity, leaf) !== undefined;
  const decision = decide(policy(), { caller: identity, method, tenantId });
  if (decision.isAllowed && !isOut) return uri;
  throw new MosaicError(
    "NOT_ALLOWED",
    `${method} is for administrators of the tenant: ${isOut ? "locked out" : decision.because}`,
    {
      hint: "ask for the role admin in policy.yaml; see mosaic policy explain",
    },
  );
}

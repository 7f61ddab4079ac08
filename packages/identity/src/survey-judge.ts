import type { X509Certificate } from "node:crypto";
import { type Clock, MosaicError } from "@mosaic/core";
import { CertifiedCallers } from "./certified-callers.ts";
import { maySurvey, type Policy, whoIs } from "./decide.ts";
import type { LockView } from "./enrolment/locks.ts";
import type { IdentitySource } from "./identity-source.ts";
import type { Identity } from "./spiffe-id.ts";

export interface SurveyJudgeDeps {
  readonly identity: Pick<IdentitySource, "trust"> & { readonly locks: LockView };
  readonly policy: { readonly policy: Policy };
  readonly clock: Clock;
}

/** Tells who shows certificates, if they may see hosts, states and counts of all tenants: `fleet-observer` in the policy. Locks, the
 *  policy and the time are those of each question.
 *  @returns a function that throws PeerRefused for who is not believed, and MosaicError NOT_ALLOWED for who may not */
export function surveyJudge({ identity, policy, clock }: SurveyJudgeDeps): (chain: readonly X509Certificate[]) => Identity {
  const callers = new CertifiedCallers({ identity, locks: () => identity.locks, clock });
  return (chain) => {
    const who = callers.of(chain).identity;
    if (maySurvey(policy.policy, who)) return who;
    throw new MosaicError("NOT_ALLOWED", `no grant lets ${whoIs(who)} survey the fleet`, {
      hint: `add to policy.yaml: { role: fleet-observer, who: ${whoIs(who)} }`,
    });
  };
}

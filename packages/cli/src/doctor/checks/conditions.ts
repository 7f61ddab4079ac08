import type { ConditionJson } from "@mosaic/wire";
import { type DoctorCheck, type Finding, faultsOr, nothingHere, warning } from "../check.ts";

/** Conditions that another check tells, with more to say about them. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  ...["CLOCK_SKEW", "MEMBERSHIP_INVALID", "MEMBERSHIP_FROZEN", "MEMBERSHIP_UNREAD", "MEMBERSHIP_ADDRESS", "NO_SYSTEMD"],
  ...["ROSTER_INVALID", "SERVICE_FAILED"],
]);

/** What the daemons themselves say is wrong. */
export const conditionsCheck: DoctorCheck = {
  id: "conditions",
  what: "what the daemons themselves say is wrong with a host or the fleet",
  why: "each is something that needs a person",
  runbook: "Conditions",
  async look({ fleet }) {
    const look = await fleet();
    if (!look) return [nothingHere("nobody answers that could tell")];
    const findings = [
      ...look.conditions.flatMap((condition) => findingOf(condition, "the answerer", "mosaic host list --all-hosts")),
      ...look.hosts.flatMap(({ tenantId = "", host = "", conditions = [] }) =>
        conditions.flatMap((condition) =>
          findingOf(condition, `${tenantId}/${host}`, `mosaic host describe ${tenantId}/${host}`),
        ),
      ),
    ];
    return faultsOr(findings, "nothing");
  },
};

function findingOf({ type = "", message = "" }: ConditionJson, whose: string, next: string): Finding[] {
  if (TOLD_ELSEWHERE.has(type)) return [];
  return [warning(`${type} of ${whose}: ${message}`, next, { runbook: type })];
}

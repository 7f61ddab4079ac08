import { ageText } from "../../output/age-text.ts";
import { type DoctorCheck, type Finding, fault, inOrder, nothingHere, warning } from "../check.ts";
import { type FoundIdentity, readIdentities, remediesOf } from "../identity-paths.ts";

/** Renewal comes at half of a certificate's life; what has less than this left is not being renewed. */
const LEAST_LEFT_SHARE = 0.25;
/** How long after its end the same key still renews it, in ms (docs/security.md). */
const LATE_RENEWAL_MS = 30 * 86_400_000;

/** How long this home's certificates hold. */
export const certificateCheck: DoctorCheck = {
  id: "certificate",
  what: "how long the certificates of this home hold",
  why: "when one is over the host drops out of its fleet",
  runbook: "RENEWAL_FAILING",
  async look(world) {
    const found = await readIdentities(world);
    if (found.length === 0) return [nothingHere("this home has no identity of a fleet")];
    return found.map((identity) => judge(identity, world.nowUnixMs));
  },
};

function judge(identity: FoundIdentity, nowUnixMs: number): Finding {
  const {
    who,
    chain: [leaf],
  } = identity;
  const [fromMs, toMs] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  const whose = `the ${who}'s certificate`;
  const { again, renew, look } = remediesOf(identity);
  if (nowUnixMs < fromMs)
    return fault(`${whose} holds from ${leaf.validFrom} on: this host's clock is behind`, "timedatectl", {
      runbook: "CLOCK_SKEW",
    });
  if (nowUnixMs >= toMs + LATE_RENEWAL_MS) return fault(`${whose} ended ${leaf.validTo}, too long ago to be renewed`, again);
  if (nowUnixMs >= toMs) return fault(`${whose} ended ${leaf.validTo}`, renew);
  const left = ageText(toMs - nowUnixMs);
  if (toMs - nowUnixMs >= (toMs - fromMs) * LEAST_LEFT_SHARE) return inOrder(`${whose} holds for another ${left}`);
  return warning(`${whose} ends in ${left}, and is not being renewed`, look);
}

import { MosaicError } from "@mosaic/core/light";
import { formatAddress, type Member, memberName } from "@mosaic/core/membership";
import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere } from "../check.ts";
import type { MachineFacts } from "../doctor-world.ts";

/** Whether who is expected can be reached from here, whatever the aggregator says, which may be what is down. */
export const membersCheck: DoctorCheck = {
  id: "members",
  what: "whether somebody listens where the membership file says that each host is",
  why: "a host that can't be reached from the aggregator's host is UNREACHABLE to everybody",
  runbook: "UNREACHABLE",
  async look({ members, machine }) {
    const expected = await members().catch((thrown: unknown) => {
      // What is wrong with the file is told by the check of the file.
      if (MosaicError.from(thrown).code === "MEMBERSHIP_INVALID") return undefined;
      throw thrown;
    });
    if (!expected) return [nothingHere("no membership file that can be read is on this host")];
    const findings = (await Promise.all(expected.map((member) => lookAtMember(member, machine)))).flat();
    return faultsOr(findings, `${expected.length} of ${expected.length} can be reached, or dial in`);
  },
};

async function lookAtMember(member: Member, machine: MachineFacts): Promise<readonly Finding[]> {
  const problems: string[] = [];
  for (const address of member.addresses) {
    // Nobody can be reached there; whether it dialled in is seen by the check of the hosts.
    if (address.kind === "dial-in") return [];
    const why = await machine.whyUnreachable(address);
    if (why === undefined) return [];
    problems.push(`${formatAddress(address)} (${why})`);
  }
  const next = `mosaic gateway probe --endpoint ${formatAddress(member.addresses[0])}`;
  return [fault(`${memberName(member)} can't be reached: ${problems.join(", ")}`, next)];
}

import { MosaicError } from "@mosaic/core/light";
import { type DoctorCheck, fault, inOrder, nothingHere } from "../check.ts";

/** Which hosts the aggregator of this home expects. */
export const membershipCheck: DoctorCheck = {
  id: "membership",
  what: "the membership file of the aggregator",
  why: "a bad one is not taken over, and the aggregator does not start again with it",
  runbook: "MEMBERSHIP_INVALID",
  async look({ files, paths, daemon, fleet, user, members }) {
    const path = `${paths.mosaicHome}/fleet/hosts.yaml`;
    const found = await files.look(path);
    const isServed = (await daemon("aggregator")).info !== undefined;
    if (!found && !isServed) return [nothingHere("no aggregator is on this host")];
    const told = isServed ? ((await fleet())?.conditions ?? []) : [];
    const problem = told.find(({ type = "" }) => type.startsWith("MEMBERSHIP_") && type !== "MEMBERSHIP_INVALID");
    if (problem) return [fault(problem.message ?? "", "mosaic host list --all-hosts", { runbook: problem.type })];
    if (!found) return [inOrder("its hosts are added by command")];
    if (found.uid !== user.uid && found.uid !== 0)
      return [fault(`${path} belongs to user ${found.uid}`, `sudo chown ${user.name} ${path}`)];
    if ((await files.read(path))?.trim() === "")
      return [fault(`${path} is empty; a fleet of no hosts is written []`, `echo '[]' > ${path}`)];
    try {
      const expected = (await members()) ?? [];
      return [inOrder(`${expected.length} expected by ${path}`)];
    } catch (thrown) {
      const { code, message } = MosaicError.from(thrown);
      if (code !== "MEMBERSHIP_INVALID") throw thrown;
      return [fault(message, `\${EDITOR:-vi} ${path}`)];
    }
  },
};

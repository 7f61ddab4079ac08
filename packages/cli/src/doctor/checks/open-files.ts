import { type DoctorCheck, type Finding, inOrder, nothingHere, warning } from "../check.ts";

/** A node holds some files for each agent and caller; an aggregator one connection for each host. */
const ENOUGH = 1024;

/** How many files daemons may hold open. */
export const openFilesCheck: DoctorCheck = {
  id: "open-files",
  what: "how many files this shell and the daemons of this home may hold open",
  why: "at the limit a daemon takes no more callers, and agents fail to start programs",
  runbook: "limits of the system",
  async look({ machine, daemon }) {
    const own = machine.openFilesLimit();
    if (own === undefined) return [nothingHere("this system does not tell")];
    const findings: Finding[] = own < ENOUGH ? [warning(`this shell may hold ${own} files open`, `ulimit -n 65536`)] : [];
    for (const role of ["node", "aggregator"] as const) {
      const { record, isRunning } = await daemon(role);
      const limit = isRunning ? machine.openFilesLimit(record?.pid) : undefined;
      if (limit === undefined || limit >= ENOUGH) continue;
      const next = `systemctl --user edit mosaic-${role}  # [Service] LimitNOFILE=65536`;
      findings.push(warning(`mosaic-${role} may hold ${limit} files open`, next));
    }
    return findings.length > 0 ? findings : [inOrder(`${own} files`)];
  },
};

import { type DoctorCheck, type Finding, faultsOr, warning } from "../check.ts";

/** What a daemon that was killed left. */
export const leftBehindCheck: DoctorCheck = {
  id: "left-behind",
  what: "records of daemons that do not run any more",
  why: "scripts that read them act on a process that is gone, or on a stranger with its number",
  runbook: "left behind",
  async look({ daemon, files, paths }) {
    const findings: Finding[] = [];
    for (const role of ["node", "aggregator"] as const) {
      const { record, isRunning } = await daemon(role);
      if (!record || isRunning) continue;
      const path = `${paths.runDirectory}/${role}.json`;
      const fix = { does: `rm ${path}`, apply: () => files.remove(path) };
      findings.push(warning(`${path} names process ${record.pid}, which is no mosaic-${role}`, fix.does, { fix }));
    }
    return faultsOr(findings, "none");
  },
};

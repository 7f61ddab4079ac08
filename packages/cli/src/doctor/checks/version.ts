import { type DoctorCheck, faultsOr, nothingHere, warning } from "../check.ts";

/** Whether daemons and command are of one version. */
export const versionCheck: DoctorCheck = {
  id: "version",
  what: "whether the daemons that run are of this command's version",
  why: "a daemon runs on with its old program after an upgrade, until it is started again",
  runbook: "versions",
  async look({ daemon, version }) {
    const looks = await Promise.all((["node", "aggregator"] as const).map(async (role) => ({ role, ...(await daemon(role)) })));
    const served = looks.filter(({ info }) => info !== undefined);
    if (served.length === 0) return [nothingHere("no daemon answers")];
    const findings = served
      .filter(({ info }) => info?.version !== version)
      .map(({ role, info }) =>
        warning(`mosaic-${role} is ${info?.version || "?"}, this command ${version}`, `mosaic gateway restart --role ${role}`),
      );
    return faultsOr(findings, version);
  },
};

import { gatewayUnit } from "@mosaic/lifecycle";
import { type DoctorCheck, type Finding, faultsOr, nothingHere, warning } from "../check.ts";
import type { DaemonRole, DoctorWorld, VersionsLook } from "../doctor-world.ts";
import { settleCommand } from "./upgrade.ts";

/** Whether the daemons are of the version that is used. */
export const versionCheck: DoctorCheck = {
  id: "version",
  what: "whether the daemons that run are of the version that is linked, else of this command's",
  why: "a daemon runs on with its old program after an upgrade, until it is started again",
  runbook: "versions",
  async look(world) {
    const roles = ["node", "aggregator"] as const;
    const looks = await Promise.all(roles.map(async (role) => ({ role, ...(await world.daemon(role)) })));
    const served = looks.filter(({ info }) => info !== undefined);
    if (served.length === 0) return [nothingHere("no daemon answers")];
    const versions = await world.versions();
    const linked = linkedVersion(versions);
    const expected = linked ?? world.version;
    const findings: Finding[] = [];
    for (const { role, info } of served) {
      if (info?.version === expected) continue;
      const other = linked === undefined ? `this command ${expected}` : `${expected} is linked`;
      const next = await startAnew(role, info?.pid, versions, world);
      findings.push(warning(`mosaic-${role} is ${info?.version || "?"}, ${other}`, next));
    }
    return faultsOr(findings, expected);
  },
};

/** A clone or a single file has nothing to do with versions that may lie beside it: its daemons are its own. */
function linkedVersion({ own, current }: VersionsLook): string | undefined {
  return own.kind === "versions" || own.kind === "npm" ? current : undefined;
}

async function startAnew(
  role: DaemonRole,
  pid: number | undefined,
  { intent, isUnderWay }: VersionsLook,
  { files, unitDirectory, paths }: DoctorWorld,
): Promise<string> {
  // A restart in the middle is what whoever settles it does, and looks at afterwards.
  if (isUnderWay) return "mosaic upgrade --list  # a change of versions is under way: wait for its end";
  if (intent && intent.mosaic_home === paths.mosaicHome) return settleCommand(intent, paths.mosaicHome);
  if (await files.look(`${unitDirectory}/${gatewayUnit(role)}`)) return `mosaic gateway restart --role ${role}`;
  return `kill ${pid ?? "?"}  # no unit keeps it: then start mosaic-${role} as it was started`;
}

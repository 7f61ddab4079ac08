import { HOLDER_UNIT, homeOfUnit, originOf, SERVED_UNITS } from "@mosaic/lifecycle";
import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere, warning } from "../check.ts";

/** The unit files that Mosaic made. */
export const unitFilesCheck: DoctorCheck = {
  id: "unit-files",
  what: "whether the unit files are as Mosaic made them, for this home",
  why: "what was changed in them is lost with the next installation, and what is of another home runs another fleet",
  runbook: "drifted installation",
  async look({ files, unitDirectory, paths: { mosaicHome } }) {
    const findings: Finding[] = [];
    let count = 0;
    for (const unit of [HOLDER_UNIT, "mosaic-agent@.service", ...SERVED_UNITS]) {
      const path = `${unitDirectory}/${unit}`;
      const text = await files.read(path);
      if (text === undefined) continue;
      count += 1;
      const home = homeOfUnit(text);
      const origin = originOf(text);
      if (origin === "foreign") findings.push(fault(`${path} was not made by Mosaic`, `cat ${path}`));
      else if (home !== undefined && home !== mosaicHome)
        findings.push(fault(`${path} runs the fleet of ${home}`, `export MOSAIC_HOME=${home}`));
      else if (origin === "changed") findings.push(warning(`${path} was changed since it was made`, puttingBack(unit)));
    }
    return count === 0 ? [nothingHere("none is installed")] : faultsOr(findings, `${count} of them`);
  },
};

// What somebody wants to keep belongs into a drop-in, which outlives every installation.
function puttingBack(unit: string): string {
  const install = SERVED_UNITS.some((served) => served === unit)
    ? `mosaic gateway install --role ${unit === "mosaic-node.service" ? "node" : "aggregator"}`
    : "mosaic fleet install-systemd";
  return `${install}  # first, for what is to stay: systemctl --user edit ${unit.replace("@.", "@NAME.")}`;
}

import { AGENT_TEMPLATE, HOLDER_UNIT, homeOfUnit, listenOfUnit, NODE_UNIT, originOf, SERVED_UNITS } from "@mosaic/lifecycle";
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
    const isFleetInstalled = (await files.read(`${unitDirectory}/${AGENT_TEMPLATE}`)) !== undefined;
    for (const unit of [HOLDER_UNIT, AGENT_TEMPLATE, ...SERVED_UNITS]) {
      const path = `${unitDirectory}/${unit}`;
      const text = await files.read(path);
      if (text === undefined) continue;
      count += 1;
      const home = homeOfUnit(text);
      const origin = originOf(text);
      if (origin === "foreign") findings.push(fault(`${path} was not made by Mosaic`, `cat ${path}`));
      else if (home !== undefined && home !== mosaicHome)
        findings.push(fault(`${path} runs the fleet of ${home}`, `export MOSAIC_HOME=${home}`));
      else if (origin === "changed")
        findings.push(warning(`${path} was changed since it was made`, puttingBack(unit, text, isFleetInstalled)));
    }
    return count === 0 ? [nothingHere("none is installed")] : faultsOr(findings, `${count} of them`);
  },
};

// What somebody wants to keep belongs into a drop-in, which outlives every installation. Neither command changes the addresses.
function puttingBack(unit: string, text: string, isFleetInstalled: boolean): string {
  const isServed = SERVED_UNITS.some((served) => served === unit);
  const install =
    !isServed || (unit === NODE_UNIT && isFleetInstalled)
      ? "mosaic fleet install-systemd"
      : gatewayInstall(unit, listenOfUnit(text));
  return `${install}  # first, for what is to stay: systemctl --user edit ${unit.replace("@.", "@NAME.")}`;
}

function gatewayInstall(unit: string, [address, ...others]: readonly string[]): string {
  // Of several it would leave one.
  if (address === undefined || others.length > 0) return `systemctl --user cat ${unit}`;
  const { hostname, port } = new URL(address);
  const role = unit === NODE_UNIT ? "node" : "aggregator";
  return `mosaic gateway install --role ${role} --host ${hostname.replace(/^\[|\]$/g, "")} --port ${port}`;
}

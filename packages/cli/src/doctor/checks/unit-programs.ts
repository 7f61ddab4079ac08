import { commandOfUnit, SERVED_UNITS } from "@mosaic/lifecycle";
import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere } from "../check.ts";

/** What the daemons' units execute. */
export const unitProgramsCheck: DoctorCheck = {
  id: "unit-programs",
  what: "whether the programs that the daemons' units execute are still there",
  why: "a new Node.js or a moved installation takes them away, and the next start or reboot fails",
  runbook: "drifted installation",
  async look({ files, unitDirectory }) {
    const findings: Finding[] = [];
    let count = 0;
    for (const unit of SERVED_UNITS) {
      const text = await files.read(`${unitDirectory}/${unit}`);
      if (text === undefined) continue;
      count += 1;
      const [program, script] = commandOfUnit(text);
      for (const path of [program, script]) {
        if (path === undefined || !path.startsWith("/") || (await files.look(path))) continue;
        const role = unit === "mosaic-node.service" ? "node" : "aggregator";
        const install = role === "node" ? "mosaic fleet install-systemd" : "mosaic gateway install --role aggregator";
        findings.push(fault(`${unit} executes ${path}, which is gone`, `${install} && mosaic gateway restart --role ${role}`));
      }
    }
    return count === 0 ? [nothingHere("no daemon is installed")] : faultsOr(findings, "they are");
  },
};

import { agentOfUnit } from "@mosaic/core";
import { type DoctorCheck, fault, faultsOr, nothingHere } from "../check.ts";

/** What systemd has given up. */
export const unitsCheck: DoctorCheck = {
  id: "units",
  what: "whether a unit of the fleet has failed",
  why: "systemd does not start it again by itself",
  runbook: "SERVICE_FAILED",
  async look({ units, signal }) {
    const reading = await units.read(["mosaic-*"], signal);
    if (reading.kind === "absent") return [nothingHere(`no systemd answers (${reading.reason})`)];
    if (reading.units.length === 0) return [nothingHere("none is installed")];
    const findings = reading.units
      .filter(({ active }) => active === "failed")
      .map(({ unit, result, restarts }) => {
        const runbook = agentOfUnit(unit) === undefined ? "SERVICE_FAILED" : "CRASH_LOOP";
        const found = `${unit} failed (${result || "no result"}, ${restarts} restarts)`;
        return fault(found, `journalctl --user -u ${unit} -n 50`, { runbook });
      });
    return faultsOr(findings, `${reading.units.length} units, none failed`);
  },
};

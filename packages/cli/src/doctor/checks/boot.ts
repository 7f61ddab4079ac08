import { agentUnit } from "@mosaic/core";
import { NODE_UNIT } from "@mosaic/lifecycle";
import { type DoctorCheck, faultsOr, nothingHere, warning } from "../check.ts";

/** What comes up after a reboot. */
export const bootCheck: DoctorCheck = {
  id: "boot",
  what: "whether what runs now would come up after a reboot",
  why: "what is not enabled stays down, and nobody notices before the reboot",
  runbook: "BOOT_ENABLE",
  async look({ units, roster, signal }) {
    const reading = await units.read(["mosaic-*"], signal);
    if (reading.kind === "absent") return [nothingHere(`no systemd answers (${reading.reason})`)];
    const look = await roster();
    const core = look.kind === "good" ? look.roster.agents.filter(({ lifecycle }) => lifecycle === "core") : [];
    const wanted = new Set([NODE_UNIT, ...core.map(({ name }) => agentUnit(name))]);
    const known = reading.units.filter(({ unit }) => wanted.has(unit));
    if (known.length === 0) return [nothingHere("none is installed")];
    const amiss = known.filter(({ active, enabled }) => active === "active" && !enabled.startsWith("enabled"));
    const findings = amiss.map(({ unit }) => warning(`${unit} runs and is not enabled`, "mosaic fleet install-systemd"));
    return faultsOr(findings, "it would");
  },
};

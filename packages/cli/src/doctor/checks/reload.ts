import { type DoctorCheck, inOrder, nothingHere, warning } from "../check.ts";

/** Whether systemd knows the unit files as they are. */
export const reloadCheck: DoctorCheck = {
  id: "reload",
  what: "whether systemd has read the unit files as they are now",
  why: "until then it starts what they said before",
  runbook: "drifted installation",
  async look({ machine, units, signal }) {
    if ((await machine.systemd()).kind === "absent") return [nothingHere("no systemd answers")];
    const stale = await machine.unitsToReload();
    if (stale.length === 0) return [inOrder("it has")];
    const fix = { does: "systemctl --user daemon-reload", apply: () => units.reload(signal) };
    return [warning(`${stale.join(", ")} changed since`, fix.does, { fix })];
  },
};

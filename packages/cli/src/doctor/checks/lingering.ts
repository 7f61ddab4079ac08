import { judgeLingering } from "../../fleet/judge-host.ts";
import type { DoctorCheck } from "../check.ts";
import { itemFinding } from "./item-finding.ts";

/** Whether the fleet outlives the last logout. */
export const lingeringCheck: DoctorCheck = {
  id: "lingering",
  what: "whether this user's systemd runs without a login",
  why: "without it the fleet ends with the last logout, and does not come up after a reboot",
  runbook: "lingering",
  async look({ machine, user }) {
    const [lingering, systemd] = await Promise.all([machine.lingering(), machine.systemd()]);
    const finding = itemFinding(judgeLingering({ lingering, systemd, loginName: user.name }));
    if (lingering !== "disabled") return [finding];
    return [{ ...finding, fix: { does: `loginctl enable-linger ${user.name}`, apply: machine.enableLingering } }];
  },
};

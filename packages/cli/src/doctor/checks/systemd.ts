import { NODE_UNIT } from "@mosaic/lifecycle";
import { judgeSystemd } from "../../fleet/judge-host.ts";
import { type DoctorCheck, fault } from "../check.ts";
import { itemFinding } from "./item-finding.ts";

/** Whether the user's systemd answers. */
export const systemdCheck: DoctorCheck = {
  id: "systemd",
  what: "the systemd of this user",
  why: "it starts agents again after a crash and a reboot",
  runbook: "NO_SYSTEMD (error)",
  async look({ machine, files, unitDirectory, env, user }) {
    const systemd = await machine.systemd();
    const item = itemFinding(judgeSystemd(systemd));
    if (systemd.kind === "answers" || (await files.look(`${unitDirectory}/${NODE_UNIT}`)) === undefined) return [item];
    // A login without its variables (sudo, su) has the bus and does not find it.
    const hasFolder = (env["XDG_RUNTIME_DIR"] ?? "") !== "";
    const next = hasFolder ? `systemctl --user status` : `export XDG_RUNTIME_DIR=/run/user/${user.uid}`;
    return [fault(`the fleet's units are installed, and no user manager answers (${systemd.reason})`, next)];
  },
};

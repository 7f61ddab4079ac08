import { type DoctorCheck, fault, inOrder, nothingHere } from "../check.ts";

/** The folder that tmux keeps this user's sockets in. */
export const tmuxFolderCheck: DoctorCheck = {
  id: "tmux-folder",
  what: "the folder of this user's tmux sockets",
  why: "tmux refuses to start or to be reached when others may use it",
  runbook: "files of the fleet",
  async look({ env, user, files }) {
    const folder = `${env["TMUX_TMPDIR"] || "/tmp"}/tmux-${user.uid}`;
    const found = await files.look(folder);
    if (!found) return [nothingHere(`there is no ${folder} yet`)];
    if (found.uid !== user.uid) return [fault(`${folder} belongs to user ${found.uid}`, `sudo rm -ri ${folder}`)];
    if ((found.mode & 0o077) === 0) return [inOrder(folder)];
    const does = `chmod 700 ${folder}`;
    const fix = { does, apply: () => files.setMode(folder, 0o700) };
    return [fault(`${folder} has mode ${found.mode.toString(8)}: tmux takes it for unsafe`, does, { fix })];
  },
};

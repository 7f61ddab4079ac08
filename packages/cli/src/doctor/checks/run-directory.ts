import { type DoctorCheck, fault, inOrder, nothingHere, warning } from "../check.ts";

/** Where sockets and heartbeats are. */
export const runDirectoryCheck: DoctorCheck = {
  id: "run-directory",
  what: "the folder of sockets and heartbeats, its owner and its mode",
  why: "a daemon does not start where others may replace its socket, and agents can't beat where they may not write",
  runbook: "files of the fleet",
  async look({ files, paths: { mosaicHome, runDirectory }, user }) {
    const found = await files.look(runDirectory);
    if (!found && !(await files.look(mosaicHome))) return [nothingHere("there is no fleet here yet")];
    if (!found) {
      const fix = { does: `mkdir -m 700 ${runDirectory}`, apply: () => files.makeFolder(runDirectory) };
      return [warning(`there is no ${runDirectory}`, fix.does, { fix })];
    }
    if (found.kind !== "folder") return [fault(`${runDirectory} is no folder`, `mv ${runDirectory} ${runDirectory}.old`)];
    if (found.uid !== user.uid)
      return [
        fault(`${runDirectory} belongs to user ${found.uid}, not to ${user.name}`, `sudo chown -R ${user.name} ${runDirectory}`),
      ];
    if ((found.mode & 0o022) === 0) return [inOrder(runDirectory)];
    const does = `chmod 700 ${runDirectory}`;
    const fix = { does, apply: () => files.setMode(runDirectory, 0o700) };
    return [fault(`${runDirectory} has mode ${found.mode.toString(8)}: others may replace what is in it`, does, { fix })];
  },
};

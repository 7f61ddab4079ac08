import { type DoctorCheck, fault, inOrder } from "../check.ts";

/** The folder of the fleet. */
export const homeCheck: DoctorCheck = {
  id: "home",
  what: "MOSAIC_HOME, its owner and its mode",
  why: "whoever may write there decides what agents execute",
  runbook: "files of the fleet",
  async look({ files, paths: { mosaicHome }, user }) {
    const found = await files.look(mosaicHome);
    if (!found) return [fault(`there is no ${mosaicHome}`, "mosaic fleet init --profile minimal --write")];
    if (found.kind !== "folder" && found.kind !== "link") return [fault(`${mosaicHome} is no folder`, `ls -ld ${mosaicHome}`)];
    if (found.kind === "link") return [inOrder(`${mosaicHome} is a link`)];
    if (found.uid !== user.uid)
      return [
        fault(`${mosaicHome} belongs to user ${found.uid}, not to ${user.name}`, `sudo chown -R ${user.name} ${mosaicHome}`),
      ];
    if ((found.mode & 0o022) === 0) return [inOrder(mosaicHome)];
    const does = `chmod go-w ${mosaicHome}`;
    const fix = { does, apply: () => files.setMode(mosaicHome, found.mode & ~0o022) };
    return [fault(`${mosaicHome} has mode ${found.mode.toString(8)}: others may write there`, does, { fix })];
  },
};

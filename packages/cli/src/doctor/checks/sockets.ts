import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere } from "../check.ts";
import type { DoctorWorld } from "../doctor-world.ts";

/** The Unix sockets of the daemons. */
export const socketsCheck: DoctorCheck = {
  id: "sockets",
  what: "the daemons' sockets, their owner and mode",
  why: "whoever may connect to a node's socket acts as this tenant",
  runbook: "files of the fleet",
  async look(world) {
    const paths = ["node", "aggregator"].map((role) => `${world.paths.runDirectory}/${role}.sock`);
    const looked = await Promise.all(paths.map((path) => lookAt(path, world)));
    const there = looked.filter((each) => each !== undefined);
    return there.length === 0 ? [nothingHere("no daemon has one now")] : faultsOr(there.flat(), "for this user alone");
  },
};

async function lookAt(path: string, { files, user }: DoctorWorld): Promise<readonly Finding[] | undefined> {
  const found = await files.look(path);
  if (!found) return undefined;
  if (found.kind !== "socket") return [fault(`${path} is no socket, and stands in its place`, `mv ${path} ${path}.old`)];
  if (found.uid !== user.uid) return [fault(`${path} belongs to user ${found.uid}`, `ls -l ${path}`)];
  if ((found.mode & 0o077) === 0) return [];
  const does = `chmod 600 ${path}`;
  const fix = { does, apply: () => files.setMode(path, 0o600) };
  return [fault(`${path} has mode ${found.mode.toString(8)}: others may connect`, does, { fix })];
}

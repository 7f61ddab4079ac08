import { type DoctorCheck, type Finding, fault, faultsOr, nothingHere } from "../check.ts";
import type { DoctorWorld } from "../doctor-world.ts";
import { identityPaths } from "../identity-paths.ts";

/** Owner and mode of what proves who this home is. */
export const identityFilesCheck: DoctorCheck = {
  id: "identity-files",
  what: "the files of this home's identity, their owner and mode",
  why: "a key that others could read is refused, and so the daemon does not start",
  runbook: "NOT_ALLOWED",
  async look(world) {
    const paths = identityPaths(world.paths.mosaicHome);
    const present = [];
    for (const each of paths) if (await world.files.look(each.credentials)) present.push(each);
    if (present.length === 0) return [nothingHere("this home has no identity of a fleet")];
    const looked = present.flatMap(({ credentials, roots }) => [lookAt(credentials, 0o077, world), lookAt(roots, 0o022, world)]);
    return faultsOr((await Promise.all(looked)).flat(), present.map(({ credentials }) => credentials).join(", "));
  },
};

async function lookAt(path: string, forbidden: number, { files, user }: DoctorWorld): Promise<readonly Finding[]> {
  const found = await files.look(path);
  if (!found) return [fault(`there is no ${path}`, "mosaic host join <line>")];
  if (found.kind === "link") return [fault(`${path} is a link, and is not used`, `ls -l ${path}`)];
  if (found.uid !== user.uid && found.uid !== 0)
    return [fault(`${path} belongs to user ${found.uid}`, `sudo chown ${user.name} ${path}`)];
  if ((found.mode & forbidden) === 0) return [];
  const [does, mode] = forbidden === 0o077 ? [`chmod 600 ${path}`, 0o600] : [`chmod go-w ${path}`, found.mode & ~0o022];
  const what = (found.mode & 0o022) === 0 ? "read the key in it" : "write it";
  return [
    fault(`${path} has mode ${found.mode.toString(8)}: others may ${what}`, does, {
      fix: { does, apply: () => files.setMode(path, mode) },
    }),
  ];
}

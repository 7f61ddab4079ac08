import { MosaicError } from "@mosaic/core";
import type { LabFlags } from "./lab-flags.ts";
import type { LabHost } from "./lab-host.ts";
import { isAbandoned, listRecords } from "./lab-record.ts";
import { type Lab, openLab } from "./start-lab.ts";

/** Finds the lab that a command line means: the one it names, or else the only one that a person made.
 *  @throws MosaicError USAGE when there is none, or more than one */
export function findLab({ labsFolder, lab }: Pick<LabFlags, "labsFolder" | "lab">): Lab {
  const records = listRecords(labsFolder).filter((record) => !isAbandoned(record));
  const fitting = records.filter((record) => (lab === undefined ? record.kind === "command" : record.id === lab));
  const [found, another] = fitting;
  if (found !== undefined && another === undefined) return openLab(found);
  if (found === undefined) {
    const hint = "npm run lab -- up --hosts 4 --tenants 2";
    throw new MosaicError("USAGE", lab === undefined ? "there is no lab" : `there is no lab ${lab}`, { hint });
  }
  throw new MosaicError("USAGE", "there is more than one lab", { hint: `--lab ${fitting.map(({ id }) => id).join(" or ")}` });
}

/** Finds a host of a lab by name.
 *  @throws MosaicError USAGE */
export function findHost(lab: Lab, name: string | undefined): LabHost {
  const found = lab.hosts.find((host) => host.name === name);
  if (found !== undefined) return found;
  const all = lab.hosts.map((host) => host.name).join(", ");
  throw new MosaicError("USAGE", name === undefined ? "name a host" : `there is no host ${name} in lab ${lab.id}`, {
    hint: `one of ${all}`,
  });
}

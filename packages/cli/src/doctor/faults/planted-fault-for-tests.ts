import type { UnitControl, UnitFacts, UnitTable } from "@mosaic/core";
import { NODE_UNIT } from "@mosaic/lifecycle";
import { hostJson } from "../../fleet/builders-for-tests.ts";
import { type SoundWorld, sharedCa, soundFleet, writeIdentity } from "../sound-world-for-tests.ts";

/** A sound host whose systemd is in memory and says what a test wants. */
export type Planted = SoundWorld & {
  readonly units: UnitTable &
    UnitControl & { set(unit: string, fields?: Partial<Omit<UnitFacts, "unit">>): void; readonly calls: readonly string[] };
};

/** A fault, and what the doctor has to say of it. */
export interface PlantedFault {
  readonly name: string;
  readonly plant: (world: Planted) => unknown;
  /** The check that names it. */
  readonly check: string;
  /** Default: bad. */
  readonly severity?: "warn" | "bad";
  readonly found: RegExp;
  readonly next: RegExp;
  /** Whether `--fix` mends it, so that the check finds nothing any more. */
  readonly isMended?: boolean;
}

export const HOUR_MS = 3_600_000;

/** A file in the folder of sockets and heartbeats. */
export const run = (world: Planted, name: string) => `${world.paths.runDirectory}/${name}`;
/** A file of the fleet. */
export const fleetFile = (world: Planted, name: string) => `${world.paths.mosaicHome}/fleet/${name}`;
/** The unit of the node. */
export const nodeUnit = (world: Planted) => `${world.unitDirectory}/${NODE_UNIT}`;
/** A fleet of one host, about which these things are told. */
export const withHost = (more: Parameters<typeof hostJson>[1]) => async () => ({
  ...soundFleet(),
  hosts: [hostJson("beta", more)],
});
/** A folder as the disk may show it. */
export const folder = (mode: number, uid: number) => ({ kind: "folder", mode, uid }) as const;

/** Lets programs and folders be found otherwise. */
export function withFinder(machine: Planted["machine"], more: Partial<ReturnType<Planted["machine"]["finder"]>>): void {
  const sound = machine.finder("");
  machine.finder = () => ({ ...sound, ...more });
}

/** Changes a file that is there.
 *  @throws Error when the change changes nothing */
export async function change(path: string, world: Planted, edit: (text: string) => string): Promise<void> {
  const before = (await world.files.read(path)) ?? "";
  const after = edit(before);
  if (after === before) throw new Error(`the fault is not planted in ${path}`);
  await world.write(path, after);
}

/** Gives the host another identity. */
export async function reissue(world: Planted, options: Parameters<typeof writeIdentity>[3]): Promise<void> {
  await writeIdentity(world.paths.mosaicHome, await sharedCa(), world.write, options);
}

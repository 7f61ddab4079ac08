import { MosaicError } from "@mosaic/core/light";
import type { CommandResult } from "../command.ts";
import { changeVersion } from "./change-version.ts";
import { finishUpgrade } from "./finish-upgrade.ts";
import { type Intent, intentText } from "./intent.ts";
import { wayOn } from "./list-versions.ts";
import { openChange } from "./open-change-world.ts";
import { lookAtPackage } from "./prepare-version.ts";
import type { UpgradeRun } from "./upgrade-run.ts";

/** Goes on with an upgrade that was killed, if that is the one that is wanted.
 *  @throws MosaicError BUSY when it is not, with what settles it */
export async function resumeUpgrade(run: UpgradeRun, intent: Intent): Promise<CommandResult> {
  const { layout, waitMs, invocation, io, deps, world } = run;
  const { to, from, id, sha256, mosaic_home } = intent;
  const isHere = mosaic_home === invocation.globals.mosaicHome;
  if (!to || intent.verb === "rollback" || !isHere || !(await isMeant(run, to.version))) {
    const where = isHere ? "" : `; with --mosaic-home ${mosaic_home}`;
    throw new MosaicError("BUSY", `${intentText(intent)} was left half done`, { hint: `${wayOn(intent)}${where}` });
  }
  world.say(`going on with ${intentText(intent)}`);
  await using change = await openChange(invocation, io, deps, { layout, verb: "upgrade", id, waitMs });
  const came = await changeVersion(change.world, { ...intent, to });
  return await finishUpgrade(run, { change: came, from, to, sha256, verified: undefined });
}

async function isMeant({ word, wish, world }: UpgradeRun, version: string): Promise<boolean> {
  return word === undefined || (await lookAtPackage(wish, world)).version === version;
}

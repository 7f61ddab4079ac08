import { type Intent, intentText, isHalfDone } from "../../upgrade/intent.ts";
import { targetText } from "../../upgrade/target.ts";
import { installationText } from "../../upgrade/where-installed.ts";
import { type DoctorCheck, type Finding, fault, inOrder, nothingHere, warning } from "../check.ts";
import type { DoctorWorld, VersionsLook } from "../doctor-world.ts";

/** What a change of versions left, and whether this command is of the version that is linked. */
export const upgradeCheck: DoctorCheck = {
  id: "upgrade",
  what: "whether an upgrade or a rollback was left half done, and whether this command is of the version that is linked",
  why: "either version may be the one that starts next, and no other upgrade begins until it is settled",
  runbook: "upgrade left half done",
  async look(world) {
    const look = await world.versions();
    const { intent, isUnderWay, current } = look;
    if (isUnderWay) return [inOrder(`${intent ? intentText(intent) : "a change of versions"} is under way`)];
    if (intent) return [await leftFinding(intent, look, world)];
    const stray = strayCommand(look, world);
    if (stray) return [stray];
    return current === undefined ? [nothingHere("no versions lie side by side")] : [inOrder(`${current} is linked`)];
  },
};

/** What settles a change of versions that was left, as a line to type.
 *  @param mosaicHome of whoever types it */
export function settleCommand(intent: Intent, mosaicHome: string): string {
  const { verb, phase, from, to } = intent;
  const home = intent.mosaic_home === mosaicHome ? "" : ` --mosaic-home ${intent.mosaic_home}`;
  const rollback = `mosaic rollback${home}`;
  if (phase === "installing" || to === null) return `${rollback}  # takes away what it left`;
  if (verb === "rollback") return `${rollback}  # goes on`;
  if (phase === "undoing") return `${rollback}  # goes back to ${targetText(from)}`;
  return `mosaic upgrade ${to.version}${home}  # goes on; ${rollback} goes back to ${targetText(from)}`;
}

async function leftFinding(intent: Intent, { current }: VersionsLook, world: DoctorWorld): Promise<Finding> {
  const next = settleCommand(intent, world.paths.mosaicHome);
  const what = intentText(intent);
  if (!isHalfDone(intent)) return warning(`${what} was killed before anything was switched`, next);
  const linked = `${current ?? "no version"} is linked`;
  const daemons = intent.mosaic_home === world.paths.mosaicHome ? await daemonsNow(intent, world) : [];
  return fault(`${what} was left half done (${intent.phase}): ${[linked, ...daemons].join(", ")}`, next);
}

// Those that are there, and those that were before: an end between stop and start leaves one down.
async function daemonsNow({ before }: Intent, world: DoctorWorld): Promise<readonly string[]> {
  const told: string[] = [];
  for (const role of ["node", "aggregator"] as const) {
    const { info } = await world.daemon(role);
    const didAnswer = before?.daemons.some((daemon) => daemon.role === role && daemon.answers) ?? false;
    if (info !== undefined) told.push(`mosaic-${role} runs ${info.version || "?"}`);
    else if (didAnswer) told.push(`mosaic-${role} does not answer any more`);
  }
  return told;
}

/** Another version than the one that is linked is typed: the PATH leads elsewhere, or the end came before the links in it were made. */
function strayCommand({ own, current, currentLink }: VersionsLook, { version }: DoctorWorld): Finding | undefined {
  if (current === undefined) return undefined;
  const found = `this command is ${version}, of ${installationText(own)}, and ${current} is linked (${currentLink})`;
  if (own.kind === "npm")
    return warning(found, `mosaic upgrade ${current}  # says what your PATH needs`, { runbook: "versions" });
  if (own.kind !== "versions" || own.version === current) return undefined;
  return warning(found, `${currentLink}/bin/mosaic doctor  # what your PATH should find`, { runbook: "versions" });
}

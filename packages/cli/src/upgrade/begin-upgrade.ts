import { MosaicError } from "@mosaic/core/light";
import type { CommandResult } from "../command.ts";
import { changeVersion } from "./change-version.ts";
import { finishUpgrade, nothingToDo } from "./finish-upgrade.ts";
import { installVersion } from "./install-version.ts";
import { dropIntent, type Intent, intentText, keepIntent } from "./intent.ts";
import { currentVersion } from "./layout.ts";
import { type OpenChange, openChange } from "./open-change-world.ts";
import { manifestIn } from "./package-manifest.ts";
import { type KnownPackage, lookAtPackage, prepareVersion } from "./prepare-version.ts";
import { assertReadable } from "./readable-stores.ts";
import { currentTarget, type Target, targetText } from "./target.ts";
import { nowIso, type UpgradeRun } from "./upgrade-run.ts";

/** Installs what is wanted beside the others, and changes to it.
 *  @param left what was killed while it installed; undefined: nothing was
 *  @throws MosaicError as `installVersion` and `changeVersion` */
export async function beginUpgrade(run: UpgradeRun, left: Intent | undefined): Promise<CommandResult> {
  const { layout, own, io, deps, invocation, wish, world, waitMs } = run;
  const looked = await lookAtPackage(wish, world);
  const from = currentTarget(layout, own);
  if (currentVersion(layout) === looked.version) {
    // Other bytes under the same name are not the same version: that is said here.
    await prepareVersion(wish, looked, world, nowIso(io));
    if (left) await dropIntent(layout);
    return await nothingToDo(run, looked);
  }
  await using change = await openChange(invocation, io, deps, { layout, verb: "upgrade", id: undefined, waitMs });
  const { log } = change.world;
  if (left) await log.record("abandoned", { left: left.id, why: `it was killed: ${intentText(left)}` });
  const to: Target = { kind: "version", version: looked.version };
  const intent: Intent & { readonly to: Target } = {
    ...{ schema: "mosaic.upgrade.intent/1", id: change.id, verb: "upgrade", phase: "installing" },
    ...{ mosaic_home: invocation.globals.mosaicHome, from, to, sha256: looked.sha256, before: null, by_hand: [] },
    ...{ started_at: nowIso(io), pid: process.pid, actor: change.actor },
  };
  await log.record("begin", { from: targetText(from), to: looked.version, ...provenance(looked) });
  await keepIntent(layout, intent);
  const known = await install(run, looked, change).catch(async (thrown: unknown) => {
    await dropIntent(layout);
    // A full disk takes no record either, and what it was about is not done.
    await log.record("abandoned", { why: MosaicError.from(thrown).message }).catch(() => {});
    throw thrown;
  });
  const came = await changeVersion(change.world, { ...intent, sha256: known.sha256 });
  return await finishUpgrade(run, { change: came, from, to, sha256: known.sha256, verified: known.verified });
}

async function install(run: UpgradeRun, looked: KnownPackage, change: OpenChange): Promise<KnownPackage> {
  const { wish, world, io, isForced } = run;
  await adopt(run);
  const { known, isNew } = await prepareVersion(wish, looked, world, nowIso(io));
  const { version, manifest } = known;
  await change.world.log.record("installed", { version, is_new: isNew, ...provenance(known) });
  if (isForced) return known;
  assertReadable(version, change.host.paths.mosaicHome, manifest.formats);
  const { problems } = await change.planUnits({ kind: "version", version });
  const [problem] = problems;
  if (problem === undefined) return known;
  throw new MosaicError("INCOMPATIBLE", `${version} is here and not used, since its units can't be written: ${problem}`, {
    hint: `mend that and repeat; or, with the units as they are: mosaic upgrade ${version} --force`,
  });
}

// Then it is one of the versions, and so a way back.
async function adopt({ own, world, layout, io }: UpgradeRun): Promise<void> {
  if (own.kind !== "npm" || currentVersion(layout) !== undefined) return;
  const { version } = manifestIn(own.folder);
  world.say(`adopting ${version} from ${own.folder}, so that there is a way back`);
  const source = { sha256: "", verified: "nobody", source: own.folder } as const;
  await installVersion(world, { kind: "folder", path: own.folder, version, ...source }, nowIso(io));
}

function provenance({ source, sha256, verified }: KnownPackage): Readonly<Record<string, string>> {
  return { source, sha256, verified };
}

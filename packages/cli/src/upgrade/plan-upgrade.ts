import type { CommandResult } from "../command.ts";
import { intentText, isHalfDone, readIntent } from "./intent.ts";
import { currentVersion, type Layout } from "./layout.ts";
import { wayOn } from "./list-versions.ts";
import { lookAtPackage } from "./prepare-version.ts";
import { formatsOf } from "./readable-stores.ts";
import { newerElsewhere, unreadableStores } from "./store-formats.ts";
import { takeSnapshot } from "./take-snapshot.ts";
import { currentTarget, targetText } from "./target.ts";
import { upgradeAnswer } from "./upgrade-answer.ts";
import type { UpgradeRun } from "./upgrade-run.ts";

/** Says what an upgrade would do, and does nothing.
 *  @throws MosaicError as `lookAtPackage` */
export async function planUpgrade({ layout, own, wish, world, invocation, io, deps }: UpgradeRun): Promise<CommandResult> {
  const { version, sha256, verified, manifest } = await lookAtPackage(wish, world);
  const from = currentTarget(layout, own);
  const to = { kind: "version", version } as const;
  const current = currentVersion(layout);
  const base = { verb: "upgrade", from, to, current: current ?? targetText(from), sha256, verified } as const;
  if (current === version) return upgradeAnswer({ ...base, verdict: "nothing", notes: halfDoneNotes(layout) });
  const formats = manifest?.formats ?? {};
  const problems = unreadableStores(invocation.globals.mosaicHome, formats);
  const { daemons } = await takeSnapshot(invocation.globals, io, deps);
  const answering = daemons.filter(({ answers }) => answers);
  const notes = [
    ...answering.map((daemon) => `mosaic-${daemon.role} (${daemon.version}) would be started anew; agents run on`),
    ...newerElsewhere(formatsOf(layout, from.version), formats),
    ...halfDoneNotes(layout),
  ];
  return upgradeAnswer({ ...base, verdict: "planned", problems, notes });
}

/** What was left half done, for who only looks. */
export function halfDoneNotes(layout: Layout): readonly string[] {
  const intent = readIntent(layout);
  return isHalfDone(intent) ? [`${intentText(intent)} was left half done; ${wayOn(intent)}`] : [];
}

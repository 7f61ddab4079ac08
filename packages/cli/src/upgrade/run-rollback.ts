import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { plainText } from "../output/plain-text.ts";
import { changeVersion } from "./change-version.ts";
import { cleanStaging } from "./install-version.ts";
import { readInstalled } from "./installed-record.ts";
import { dropIntent, type Intent, intentText, isHalfDone, lockUpgrades, readIntent } from "./intent.ts";
import { currentVersion, type Layout } from "./layout.ts";
import { openChange } from "./open-change-world.ts";
import { halfDoneNotes } from "./plan-upgrade.ts";
import { assertReadable, formatsOf } from "./readable-stores.ts";
import { newerElsewhere, unreadableStores } from "./store-formats.ts";
import { wayBack } from "./switch-version.ts";
import { type Target, targetText } from "./target.ts";
import { upgradeAnswer } from "./upgrade-answer.ts";
import { type Installed, installationText } from "./where-installed.ts";

export interface RollbackOptions {
  readonly layout: Layout;
  readonly own: Installed;
  /** A version that is there; undefined: the one before. */
  readonly to: string | undefined;
  readonly isDryRun: boolean;
  readonly isForced: boolean;
  readonly waitMs: number;
}

/** Goes back to the version before, or settles a change that was left half done. Needs no network, and no daemon that runs.
 *  @throws MosaicError MACHINE when there is nothing to go back to; INCOMPATIBLE when that can't read what is on disk; ALREADY_RUNNING */
export async function runRollback(
  invocation: Invocation,
  io: Io,
  deps: CommandDeps,
  options: RollbackOptions,
): Promise<CommandResult> {
  const { layout, isDryRun } = options;
  if (isDryRun) return planRollback(invocation, options, readIntent(layout));
  assertAnyVersion(options);
  using _lock = await lockUpgrades(layout);
  const intent = readIntent(layout);
  if (isHalfDone(intent)) return await settle(invocation, io, deps, options, intent);
  if (intent) return await settleInstall(options, intent, io);
  const { from, to } = wayOf(options);
  if (!options.isForced) assertReadable(to.version, invocation.globals.mosaicHome, formatsOf(layout, to.version));
  await using change = await openChange(invocation, io, deps, {
    layout,
    verb: "rollback",
    id: undefined,
    waitMs: options.waitMs,
  });
  const sha256 = readInstalled(layout, to.version)?.sha256 ?? "";
  await change.world.log.record("begin", { from: from.version, to: to.version, sha256, forced: options.isForced });
  const came = await changeVersion(change.world, {
    ...{ schema: "mosaic.upgrade.intent/1", id: change.id, verb: "rollback", phase: "installing" },
    ...{ mosaic_home: invocation.globals.mosaicHome, from, to, sha256, before: null, by_hand: [] },
    ...{ started_at: new Date(io.clock.nowUnixMs()).toISOString(), pid: process.pid, actor: change.actor },
  });
  const notes = newerElsewhere(formatsOf(layout, from.version), formatsOf(layout, to.version));
  return upgradeAnswer({ verb: "rollback", verdict: came.verdict, from, to, current: to.version, change: came, sha256, notes });
}

function assertAnyVersion({ layout, own }: RollbackOptions): void {
  if (currentVersion(layout) !== undefined || readIntent(layout)) return;
  const hint =
    own.kind === "npm"
      ? "npm install --global mosaic-fleet@<version>"
      : own.kind === "clone"
        ? "git checkout <version> && npm run build"
        : "put the file before in its place";
  throw new MosaicError(
    "NOT_HERE",
    `there is nothing to go back to: this mosaic is ${installationText(own)}, and no versions lie side by side in ${layout.root}`,
    {
      hint,
    },
  );
}

interface Way {
  readonly from: Target & { readonly kind: "version" };
  readonly to: Target & { readonly kind: "version" };
}

function wayOf({ layout, to }: RollbackOptions): Way {
  const current = currentVersion(layout) ?? "";
  const wanted = to ?? wayBack(layout, current);
  const hint = "see which there are: mosaic upgrade --list ; go to one: mosaic rollback --to <version>";
  if (wanted === undefined) throw new MosaicError("MACHINE", `there is no version before ${current} to go back to`, { hint });
  if (!readInstalled(layout, wanted)) throw new MosaicError("MACHINE", `version ${JSON.stringify(wanted)} is not here`, { hint });
  if (wanted === current) throw new MosaicError("USAGE", `${current} is the version that is used`, { hint });
  return { from: { kind: "version", version: current }, to: { kind: "version", version: wanted } };
}

// An upgrade goes back to where it came from; a rollback goes on.
async function settle(
  invocation: Invocation,
  io: Io,
  deps: CommandDeps,
  { layout, waitMs, to: wanted }: RollbackOptions,
  intent: Intent,
): Promise<CommandResult> {
  const { verb, from, to, id } = intent;
  const goal = verb === "upgrade" ? from : to;
  const isOther = wanted !== undefined && wanted !== goal?.version;
  if (!to || isOther || intent.mosaic_home !== invocation.globals.mosaicHome) {
    throw new MosaicError("BUSY", `${intentText(intent)} was left half done`, {
      hint: `settle it first: mosaic rollback --mosaic-home ${intent.mosaic_home}`,
    });
  }
  io.stderr.write(`mosaic: ${plainText(`settling ${intentText(intent)}`)}\n`);
  await using change = await openChange(invocation, io, deps, { layout, verb, id, waitMs });
  const phase = verb === "upgrade" ? "undoing" : intent.phase;
  const came = await changeVersion(change.world, { ...intent, to, phase });
  const current = currentVersion(layout) ?? targetText(from);
  return upgradeAnswer({ verb: "rollback", verdict: came.verdict, from, to, current, change: came });
}

async function settleInstall({ layout }: RollbackOptions, intent: Intent, io: Io): Promise<CommandResult> {
  await cleanStaging(layout);
  await dropIntent(layout);
  io.stderr.write(
    `mosaic: ${plainText(`${intentText(intent)} was killed before anything was switched; what it left is taken away`)}\n`,
  );
  const { from } = intent;
  return upgradeAnswer({
    verb: "rollback",
    verdict: "nothing",
    from,
    to: from,
    current: currentVersion(layout) ?? targetText(from),
  });
}

function planRollback({ globals }: Invocation, options: RollbackOptions, intent: Intent | undefined): CommandResult {
  assertAnyVersion(options);
  const { layout } = options;
  const base = { verb: "rollback", verdict: "planned", current: currentVersion(layout) ?? "" } as const;
  if (isHalfDone(intent) && intent.to) {
    const to = intent.verb === "upgrade" ? intent.from : intent.to;
    return upgradeAnswer({ ...base, from: intent.to, to, notes: halfDoneNotes(layout) });
  }
  const { from, to } = wayOf(options);
  const problems = unreadableStores(globals.mosaicHome, formatsOf(layout, to.version));
  const notes = newerElsewhere(formatsOf(layout, from.version), formatsOf(layout, to.version));
  return upgradeAnswer({ ...base, from, to, problems, notes });
}

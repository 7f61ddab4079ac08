import type { CommandResult } from "../command.ts";
import type { Change } from "./change-version.ts";
import { currentVersion } from "./layout.ts";
import { pathAdvice } from "./path-advice.ts";
import type { KnownPackage } from "./prepare-version.ts";
import { pruneVersions } from "./prune-versions.ts";
import { linkCommands } from "./switch-version.ts";
import { currentTarget, type Target, targetText } from "./target.ts";
import { upgradeAnswer } from "./upgrade-answer.ts";
import type { UpgradeRun } from "./upgrade-run.ts";

/** What an upgrade came to. */
export interface UpgradeEnd {
  readonly change: Change;
  readonly from: Target;
  readonly to: Target;
  readonly sha256: string;
  /** Undefined: it was known to whoever began it. */
  readonly verified: string | undefined;
}

/** Puts the commands where PATH looks, takes the oldest versions away, and says what an upgrade came to. */
export async function finishUpgrade(run: UpgradeRun, end: UpgradeEnd): Promise<CommandResult> {
  const { layout } = run;
  const { change, from, to, sha256, verified } = end;
  const isKept = change.verdict === "kept";
  const notes = isKept ? await advice(run) : [];
  const removed = isKept ? await pruneVersions(layout) : [];
  const current = currentVersion(layout) ?? targetText(from);
  const told = { sha256, ...(verified === undefined ? {} : { verified }), removed, notes };
  return upgradeAnswer({ verb: "upgrade", verdict: change.verdict, from, to, current, change, ...told });
}

/** Says that the version that is wanted is the one that is used. */
export async function nothingToDo(run: UpgradeRun, { version, sha256, verified }: KnownPackage): Promise<CommandResult> {
  const from = currentTarget(run.layout, run.own);
  const notes = await advice(run);
  const to = { kind: "version", version } as const;
  return upgradeAnswer({ verb: "upgrade", verdict: "nothing", from, to, current: version, sha256, verified, notes });
}

async function advice({ layout, own, io }: UpgradeRun): Promise<readonly string[]> {
  const notes = pathAdvice(layout, io.env, await linkCommands(layout));
  if (own.kind !== "npm") return notes;
  return [
    ...notes,
    `npm's copy in ${own.folder} is not used any more: when mosaic doctor finds nothing amiss, npm uninstall --global mosaic-fleet`,
  ];
}

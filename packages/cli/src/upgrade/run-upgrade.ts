import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import { tellingRunTool } from "../local/run-tool.ts";
import { plainText } from "../output/plain-text.ts";
import { beginUpgrade } from "./begin-upgrade.ts";
import { cleanStaging } from "./install-version.ts";
import { isHalfDone, lockUpgrades, readIntent } from "./intent.ts";
import { currentVersion } from "./layout.ts";
import { makeVersionsFolder } from "./make-versions-folder.ts";
import { parseWish } from "./package-source.ts";
import { planUpgrade } from "./plan-upgrade.ts";
import { resumeUpgrade } from "./resume-upgrade.ts";
import type { UpgradeOptions, UpgradeRun } from "./upgrade-run.ts";
import { installationText } from "./where-installed.ts";

/** Upgrades this host, goes on with an upgrade that was killed, or says what an upgrade would do.
 *  @throws MosaicError ALREADY_RUNNING while another one does; BUSY when another change was left half done; INCOMPATIBLE for a package
 *  that does not run here or can't read what is on disk; MACHINE */
export async function runUpgrade(
  invocation: Invocation,
  io: Io,
  deps: CommandDeps,
  options: UpgradeOptions,
): Promise<CommandResult> {
  const { layout, word, isDryRun } = options;
  const say = (line: string) => io.stderr.write(`mosaic: ${plainText(line)}\n`);
  const world = { layout, runTool: tellingRunTool(invocation.globals.isJson, io), env: io.env, signal: io.signal, say };
  const run: UpgradeRun = { ...options, invocation, io, deps, world, wish: parseWish(word, io.cwd, layout) };
  assertOwnWay(run);
  if (isDryRun) return await planUpgrade(run);
  await makeVersionsFolder(layout);
  using _lock = await lockUpgrades(layout);
  const intent = readIntent(layout);
  if (isHalfDone(intent)) return await resumeUpgrade(run, intent);
  await cleanStaging(layout);
  return await beginUpgrade(run, intent);
}

/** A clone and a single file are upgraded in other ways; from a package that is named they may move to versions side by side. */
function assertOwnWay({ own, wish, layout }: UpgradeRun): void {
  if (own.kind === "versions" || own.kind === "npm" || wish.kind !== "npm" || currentVersion(layout) !== undefined) return;
  const move = "for versions side by side";
  const [how, hint] =
    own.kind === "clone"
      ? ["git upgrades that", `git pull && npm run build ; ${move}: npm run pack, and mosaic upgrade .cache/packages`]
      : ["that is replaced by hand", `see docs/install.md ; ${move}: mosaic upgrade ./mosaic-fleet-<version>.tgz`];
  throw new MosaicError("NOT_HERE", `this mosaic is ${installationText(own)}, and ${how}`, { hint });
}

import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { tellingRunTool } from "../../local/run-tool.ts";
import { readIntent } from "../../upgrade/intent.ts";
import { currentVersion, layoutOf } from "../../upgrade/layout.ts";
import { listVersions } from "../../upgrade/list-versions.ts";
import { lookUpVersion } from "../../upgrade/npm-registry.ts";
import { compareVersions } from "../../upgrade/package-source.ts";
import { halfDoneNotes } from "../../upgrade/plan-upgrade.ts";
import { runUpgrade } from "../../upgrade/run-upgrade.ts";
import { installationText, ownInstallation } from "../../upgrade/where-installed.ts";
import { VERSION } from "../../version.ts";

/** How long a host has until it stands as before, in ms: a node with many agents, and an aggregator with many hosts, take some. */
export const WAIT_MS = 60_000;

/** Upgrades this host, and goes back by itself when it is worse after that. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags, args } = invocation;
  const own = ownInstallation();
  const layout = layoutOf(io.env, own.kind === "versions" ? own.root : undefined);
  const [isList, isCheck] = [flags.boolean("list"), flags.boolean("check")];
  if (isList && isCheck)
    throw new MosaicError("USAGE", "--list and --check are two questions", { hint: "leave one of them out" });
  const notes = own.kind === "versions" ? [] : [`this mosaic is ${installationText(own)}`];
  if (isList) return listVersions(layout, readIntent(layout), notes);
  if (isCheck) {
    const current = currentVersion(layout) ?? VERSION;
    const runTool = tellingRunTool(invocation.globals.isJson, io);
    const world = { runTool, env: io.env, cwd: io.env["HOME"] ?? "/", signal: io.signal };
    const latest = await lookUpVersion(args[0] ?? "latest", world);
    return checkAnswer(current, latest, [...notes, ...halfDoneNotes(layout)]);
  }
  const options = { layout, own, word: args[0], isDryRun: flags.boolean("dry-run"), isForced: flags.boolean("force") };
  return await runUpgrade(invocation, io, deps, { ...options, waitMs: flags.durationMs("wait") ?? WAIT_MS });
}

function checkAnswer(current: string, latest: string, notes: readonly string[]): CommandResult {
  const update_available = compareVersions(latest, current) > 0;
  return {
    exitCode: EXIT_CODES.ok,
    envelope: { schema: "mosaic.upgrade.check/1", complete: true, current, latest, update_available },
    text: () =>
      update_available
        ? `${latest} is there, ${current} is used: mosaic upgrade ${latest}\n`
        : `${current} is used, and npm has nothing newer.\n`,
    notes,
  };
}

import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { assertSystemd } from "../../lifecycle/assert-systemd.ts";
import { planRemoval } from "../../lifecycle/plan-removal.ts";
import { uninstallAnswer } from "../../lifecycle/uninstall-answer.ts";
import { openInstalledFleet } from "../../local/open-installed-fleet.ts";

/** Takes away what `fleet install-systemd` made and nobody changed. Ends nothing unless it is told to. */
export async function run({ flags, globals }: Invocation, io: Io): Promise<CommandResult> {
  await using fleet = await openInstalledFleet(globals, io);
  assertSystemd(fleet, "uninstall");
  const options = { isForced: flags.boolean("force"), isStop: flags.boolean("stop") };
  const { apply, ...removal } = await planRemoval(fleet, options, io.signal);
  const isDryRun = flags.boolean("dry-run");
  if (!isDryRun) await apply(io.signal);
  return uninstallAnswer(fleet, { ...removal, isDryRun });
}

import { enableLingering, loginName, readLingering } from "@mosaic/host";
import type { CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { assertSystemd } from "../../lifecycle/assert-systemd.ts";
import { type InstallReport, installAnswer } from "../../lifecycle/install-answer.ts";
import { planChanges } from "../../lifecycle/plan-changes.ts";
import { openHostFleet } from "../../local/open-host-fleet.ts";
import { readFramework } from "../../local/read-framework.ts";

/** Puts units, scripts and the agents' files in place, and enables them. Starts nothing. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const { flags } = invocation;
  await using fleet = await openHostFleet(invocation, io);
  assertSystemd(fleet, "install");
  const listen = flags.texts("listen");
  const changes = await planChanges(fleet, await readFramework(), { listen, force: flags.boolean("force") });
  const isDryRun = flags.boolean("dry-run");
  if (!isDryRun) await changes.apply(io.signal);
  const user = loginName();
  const wantsLingering = flags.boolean("linger") && !isDryRun && (await readLingering({ user })) === "disabled";
  if (wantsLingering) await enableLingering(user, io.signal);
  const report: InstallReport = { ...changes, isDryRun, user, lingering: await readLingering({ user }) };
  return installAnswer(fleet, report);
}

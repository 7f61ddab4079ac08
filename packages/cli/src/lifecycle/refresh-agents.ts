import type { RosterAgent } from "@mosaic/core";
import { agentFiles, applyFiles, compareFiles } from "@mosaic/lifecycle";
import type { HostFleet } from "./host-fleet.ts";
import { runtimeFiles } from "./runtime-files.ts";

/** Brings what systemd starts the agents from in line with the roster, so that a start means the roster as it is now, and the
 *  hooks that their launch lines name in line with this program. Does nothing where agents run in tmux alone: there the roster
 *  itself is used.
 *  @throws MosaicError MACHINE when a file can't be written */
export async function refreshAgents(fleet: HostFleet, agents: readonly RosterAgent[], signal: AbortSignal): Promise<void> {
  if (fleet.supervisor.kind !== "systemd") return;
  const own = agents.flatMap((agent) => agentFiles(agent, fleet.site, fleet.site.unitDirectory));
  const planned = [...own, ...(await runtimeFiles(fleet.site))];
  const steps = await compareFiles(planned, [], fleet.files);
  await applyFiles(steps, planned, fleet.files);
  const changesUnits = steps.some((step) => step.kind !== "keep" && step.path.startsWith(`${fleet.site.unitDirectory}/`));
  if (changesUnits) await fleet.units.reload(signal);
}

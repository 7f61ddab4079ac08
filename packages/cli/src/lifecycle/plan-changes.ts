import { agentOfUnit, agentUnit } from "@mosaic/core";
import {
  applyFiles,
  assertOwnUnits,
  compareFiles,
  type FileStep,
  findLeftovers,
  homeOfUnit,
  listenOfUnit,
  NODE_UNIT,
  planInstallation,
} from "@mosaic/lifecycle";
import type { HostFleet } from "./host-fleet.ts";

/** What an installation is about to change on this host. */
export interface InstallChanges {
  readonly steps: readonly FileStep[];
  /** Units that will come up by themselves and did not before. */
  readonly toEnable: readonly string[];
  /** Units of agents that the roster does not name any more. */
  readonly toDisable: readonly string[];
  /** Puts it in place. An end in the middle leaves nothing torn, and repeating it completes it. */
  apply(signal: AbortSignal): Promise<void>;
}

export interface InstallOptions {
  /** Addresses the node serves besides its socket; none: those that it has now. */
  readonly listen: readonly string[];
  readonly force: boolean;
}

/** Compares what the roster needs with what is on the host.
 *  @throws MosaicError WOULD_OVERWRITE for units that are not Mosaic's or belong to another `MOSAIC_HOME`, unless forced */
export async function planChanges(
  fleet: HostFleet,
  framework: ReadonlyMap<string, string>,
  options: InstallOptions,
): Promise<InstallChanges> {
  // What is installed runs from its own copy, which no upgrade of the program takes away under the agents' feet.
  const listen = options.listen.length > 0 ? options.listen : await installedListen(fleet);
  const site = { ...fleet.site, paths: fleet.paths, listen };
  const plan = planInstallation({ roster: fleet.roster, workers: fleet.workers, site, framework });
  if (!options.force) await assertOwnUnits(plan, site, fleet.files);
  const names = new Set([...fleet.roster.agents, ...fleet.workers].map((agent) => agent.name));
  const leftovers = await findLeftovers(names, site, fleet.files);
  const steps = await compareFiles(plan.files, leftovers.paths, fleet.files);
  const enabled = await enabledUnits(fleet);
  const wanted = new Set(plan.enabledUnits);
  const toEnable = plan.enabledUnits.filter((unit) => !enabled.has(unit));
  const gone = new Set(leftovers.names.map(agentUnit));
  const toDisable = [...enabled].filter((unit) => !wanted.has(unit) && (gone.has(unit) || agentOfUnit(unit) !== undefined));
  return {
    steps,
    toEnable,
    toDisable,
    async apply(signal) {
      const { tenantId, host } = fleet.roster;
      const facts = { files: steps.filter((step) => step.kind !== "keep").length, enabled: toEnable.length };
      // Before it is done: what can't be put on record is not done.
      await fleet.audit.record({ action: "fleet.install", actor: fleet.actor, tenantId, host, facts });
      // Disabled first: for that systemd still has to find the unit.
      if (toDisable.length > 0) await fleet.units.disable(toDisable, signal);
      await applyFiles(steps, plan.files, fleet.files);
      await fleet.removeEmptyFolders(steps.filter((step) => step.kind === "remove").map((step) => step.path));
      await fleet.units.reload(signal);
      if (toEnable.length > 0) await fleet.units.enable(toEnable, signal);
    },
  };
}

// An upgrade or a changed roster is no reason to be gone from the network.
async function installedListen({ files, site, paths }: HostFleet): Promise<readonly string[]> {
  const text = (await files.read(`${site.unitDirectory}/${NODE_UNIT}`)) ?? "";
  return homeOfUnit(text) === paths.mosaicHome ? listenOfUnit(text) : [];
}

async function enabledUnits({ units }: HostFleet): Promise<ReadonlySet<string>> {
  const reading = await units.read(["mosaic-agent@*.service", "mosaic-tmux-holder.service", "mosaic-node.service"], NEVER);
  if (reading.kind === "absent") return new Set();
  return new Set(reading.units.filter((unit) => unit.enabled.startsWith("enabled")).map((unit) => unit.unit));
}

const NEVER = new AbortController().signal;

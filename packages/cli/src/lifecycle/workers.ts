import { agentNameOf } from "@mosaic/core";
import { agentFilePaths } from "@mosaic/lifecycle";
import type { HostFleet } from "./host-fleet.ts";

/** Names that a new worker can't have: of other workers, of core agents, and of whatever runs. */
export async function namesInUse(fleet: HostFleet, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const panes = await fleet.terminal.listPanes(signal);
  const core = fleet.roster.agents.filter((agent) => agent.lifecycle === "core");
  return new Set([...[...fleet.workers, ...core].map((agent) => agent.name), ...panes.map((pane) => agentNameOf(pane.session))]);
}

/** Takes workers that have ended off the record, with the files that were made for them. Does nothing for other agents. */
export async function forgetWorkers(fleet: HostFleet, names: readonly string[], signal: AbortSignal): Promise<void> {
  const workers = fleet.workers.filter((worker) => names.includes(worker.name));
  if (workers.length === 0) return;
  const { unitDirectory } = fleet.site;
  const paths = workers.flatMap(({ name }) => agentFilePaths(name, fleet.paths, unitDirectory));
  for (const path of paths) await fleet.files.remove(path);
  // One that stays for each lane there ever was would make every reload of systemd slower.
  await fleet.removeEmptyFolders(paths);
  if (fleet.supervisor.kind === "systemd") await fleet.units.reload(signal);
  // Last: until then a second attempt still knows what to end.
  for (const { name } of workers) await fleet.files.remove(`${fleet.paths.workersDirectory}/${name}.json`);
}

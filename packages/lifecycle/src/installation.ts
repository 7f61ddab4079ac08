import { agentUnit, type FileStore, MosaicError, type Roster, type RosterAgent } from "@mosaic/core";
import { agentFilePaths, agentFiles } from "./agent-files.ts";
import type { PlannedFile } from "./planned-file.ts";
import { HOLDER_UNIT, homeOfUnit, NODE_UNIT, type UnitSite, unitFiles } from "./unit-files.ts";

/** What makes a roster durable on a host. */
export interface Installation {
  readonly files: readonly PlannedFile[];
  /** Units that come up by themselves after a reboot. */
  readonly enabledUnits: readonly string[];
}

export interface PlanInstallationOptions {
  readonly roster: Roster;
  /** Ephemeral agents that were started for a lane; they are not enabled. */
  readonly workers: readonly RosterAgent[];
  readonly site: UnitSite;
  /** Everything in `framework/` that is copied to the host: text by path below it. */
  readonly framework: ReadonlyMap<string, string>;
}

/** Plans everything that belongs on the host for a roster: Mosaic's own copies of what agents execute, the units, and the files
 *  of each agent. Ephemeral agents of the roster have none: they get theirs when they are started for a lane.
 *  @throws MosaicError ROSTER_INVALID when an agent can't be turned into a command line */
export function planInstallation({ roster, workers, site, framework }: PlanInstallationOptions): Installation {
  const core = roster.agents.filter((agent) => agent.lifecycle === "core");
  const templates = new Map([...framework].flatMap(([path, text]) => templateEntry(path, text)));
  return {
    files: [
      ...[...framework].map(([path, text]) => frameworkFile(path, text, site)),
      ...unitFiles(templates, roster, site),
      ...[...core, ...workers].flatMap((agent) => agentFiles(agent, site, site.unitDirectory)),
    ],
    enabledUnits: [HOLDER_UNIT, NODE_UNIT, ...core.map((agent) => agentUnit(agent.name))],
  };
}

/** Finds what earlier installations made for agents that are gone: their files, and their units, which are not to come up any
 *  more. Whatever runs is left running. */
export async function findLeftovers(
  names: ReadonlySet<string>,
  site: UnitSite,
  files: FileStore,
): Promise<{ readonly names: readonly string[]; readonly paths: readonly string[] }> {
  const entries = await files.list(site.paths.agentsDirectory);
  const gone = entries
    .filter((entry) => entry.endsWith(".env") && !entry.endsWith(".local.env"))
    .map((entry) => entry.slice(0, -".env".length))
    .filter((name) => !names.has(name));
  return { names: gone, paths: gone.flatMap((name) => agentFilePaths(name, site.paths, site.unitDirectory)) };
}

/** Refuses to replace units that somebody else made, or that run the fleet of another `MOSAIC_HOME`.
 *  @throws MosaicError WOULD_OVERWRITE naming the file */
export async function assertOwnUnits({ files }: Installation, site: UnitSite, store: FileStore): Promise<void> {
  for (const { path } of files.filter((file) => file.path.startsWith(`${site.unitDirectory}/`))) {
    const there = await store.read(path);
    if (there === undefined) continue;
    const hint = "look at it, then repeat with --force";
    if (!there.startsWith("# Made by ")) throw new MosaicError("WOULD_OVERWRITE", `${path} was not made by Mosaic`, { hint });
    const home = homeOfUnit(there);
    if (home !== undefined && home !== site.paths.mosaicHome) {
      throw new MosaicError("WOULD_OVERWRITE", `${path} runs the fleet of ${home}: a user has one fleet`, { hint });
    }
  }
}

function templateEntry(path: string, text: string): [string, string][] {
  const unit = /^systemd\/(.+)\.in$/.exec(path)?.[1];
  return unit === undefined ? [] : [[unit, text]];
}

/** A file of `framework/` as it is copied to a host.
 *  @param path below `framework/` */
export function frameworkFile(path: string, text: string, site: UnitSite): PlannedFile {
  return { path: `${site.paths.frameworkDirectory}/${path}`, text, mode: text.startsWith("#!") ? 0o755 : 0o644 };
}

import type { RosterAgent } from "@mosaic/core";
import { type LaunchContext, type RuntimeLaunch, runtimeNamed } from "@mosaic/runtimes";
import type { FleetPaths } from "./fleet-paths.ts";

/** What this host adds to a roster before its agents can be launched. */
export interface LaunchSite {
  readonly paths: FleetPaths;
  readonly tenantId: string;
  readonly host: string;
  readonly homeDirectory: string;
  /** The `PATH` that is baked into every agent. */
  readonly path: string;
  /** A Node.js executable, for agents that are scripts of ours. */
  readonly nodeProgram: string;
  /** The user's own OTEL_RESOURCE_ATTRIBUTES, put behind ours. Absent for units: their start script adds it. */
  readonly resourceAttributes?: string | undefined;
}

/** Says what to execute for an agent on this host.
 *  @throws MosaicError ROSTER_INVALID when its entry can't be turned into a command line */
export function launchOf(agent: RosterAgent, site: LaunchSite): RuntimeLaunch & { readonly workingDirectory: string } {
  const launch = runtimeNamed(agent.runtime).launch(agent, contextOf(site));
  return { ...launch, workingDirectory: atHome(agent.workingDirectory, site.homeDirectory) };
}

/** The command line that goes on with an agent's conversation; environment and folder are those of {@link launchOf}.
 *  @returns undefined for an agent that always starts afresh: its runtime can't resume, or it lives for one lane of work
 *  @throws MosaicError ROSTER_INVALID as {@link launchOf} */
export function resumeLineOf(agent: RosterAgent, site: LaunchSite, sessionId: string): RuntimeLaunch["argv"] | undefined {
  if (agent.lifecycle === "ephemeral") return undefined;
  return runtimeNamed(agent.runtime).resume?.(agent, contextOf(site), sessionId).argv;
}

/** Whether somebody else has to beat for the agent, because its runtime does not report by itself. */
export function needsSidecar(agent: RosterAgent): boolean {
  return !runtimeNamed(agent.runtime).reportsItself;
}

/** Resolves a leading `~`. Another user's home (`~ada`) is not known here and stays as it is. */
export function atHome(path: string, homeDirectory: string): string {
  return path === "~" ? homeDirectory : path.startsWith("~/") ? `${homeDirectory}${path.slice(1)}` : path;
}

function contextOf(site: LaunchSite): LaunchContext {
  return {
    tenantId: site.tenantId,
    host: site.host,
    mosaicHome: site.paths.mosaicHome,
    nodeSocketPath: site.paths.nodeSocketPath,
    path: site.path,
    frameworkDirectory: site.paths.frameworkDirectory,
    nodeProgram: site.nodeProgram,
    resourceAttributes: site.resourceAttributes,
  };
}

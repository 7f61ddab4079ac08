import { type ResourceLimits, type RosterAgent, sessionNameOf } from "@mosaic/core";
import type { FleetPaths } from "./fleet-paths.ts";
import { launchScript } from "./launch-script.ts";
import { type LaunchSite, launchOf, needsSidecar, resumeLineOf } from "./launch-site.ts";
import type { PlannedFile } from "./planned-file.ts";
import { environmentLine } from "./quoting.ts";
import { stamped } from "./stamp.ts";

/** Makes the files of one agent: its environment, its command line, and for its unit what the roster limits.
 *  @param unitDirectory where the user's units are
 *  @throws MosaicError ROSTER_INVALID when its entry can't be turned into a command line */
export function agentFiles(agent: RosterAgent, site: LaunchSite, unitDirectory: string): PlannedFile[] {
  const launch = launchOf(agent, site);
  const resume = (sessionId: string) => resumeLineOf(agent, site, sessionId);
  const script = launchScript(launch.argv, resume);
  const variables = {
    ...launch.env,
    // Once more under a name of ours: what `<name>.local.env` says is put behind it at the start.
    MOSAIC_RESOURCE_ATTRIBUTES: launch.env["OTEL_RESOURCE_ATTRIBUTES"] ?? "",
    MOSAIC_SESSION: sessionNameOf(agent.name),
    MOSAIC_WORKING_DIRECTORY: launch.workingDirectory,
    ...(needsSidecar(agent) ? { MOSAIC_SIDECAR: "1" } : {}),
    ...(script.canResume ? { MOSAIC_CAN_RESUME: "1" } : {}),
    ...(agent.lane === undefined ? {} : { MOSAIC_LANE: agent.lane }),
  };
  const lines = Object.entries(variables).map(([name, value]) => environmentLine(name, value));
  const base = `${site.paths.agentsDirectory}/${agent.name}`;
  const options = unitOptions(agent);
  return [
    {
      path: `${base}.env`,
      mode: 0o600,
      text: stamped(`# ${MADE_BY} Your own variables go into ${agent.name}.local.env\n${lines.join("")}`),
    },
    { path: `${base}.launch`, mode: 0o600, text: stamped(`# ${MADE_BY}\n${script.text}`) },
    ...(options.length === 0
      ? []
      : [
          {
            path: dropInPath(agent.name, unitDirectory),
            mode: 0o644,
            text: stamped(`# ${MADE_BY}\n[Service]\n${options.join("\n")}\n`),
          },
        ]),
  ];
}

/** Every path that {@link agentFiles} may make for an agent of that name. */
export function agentFilePaths(name: string, paths: FleetPaths, unitDirectory: string): string[] {
  const base = `${paths.agentsDirectory}/${name}`;
  return [`${base}.env`, `${base}.launch`, dropInPath(name, unitDirectory)];
}

/** The one drop-in of an agent's unit that is Mosaic's; all others are site-owned. */
export const DROP_IN = "50-roster.conf";

const MADE_BY = "Made by Mosaic from the roster; changes here are lost.";

function dropInPath(name: string, unitDirectory: string): string {
  return `${unitDirectory}/mosaic-agent@${name}.service.d/${DROP_IN}`;
}

function unitOptions(agent: RosterAgent): string[] {
  // A worker that has ended is done: its lane's orchestrator decides whether there is more to do.
  return [...limitLines(agent.limits), ...(agent.lane === undefined ? [] : ["Restart=no"])];
}

function limitLines({ memoryMax, memoryHigh, cpuQuotaPercent, tasksMax }: ResourceLimits): string[] {
  return [
    ...(memoryMax === undefined ? [] : [`MemoryMax=${memoryMax}`]),
    ...(memoryHigh === undefined ? [] : [`MemoryHigh=${memoryHigh}`]),
    ...(cpuQuotaPercent === undefined ? [] : [`CPUQuota=${cpuQuotaPercent}%`]),
    ...(tasksMax === undefined ? [] : [`TasksMax=${tasksMax}`]),
  ];
}

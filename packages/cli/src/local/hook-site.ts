import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { parseRoster, type Roster, type RosterAgent } from "@mosaic/core";
import { loginName } from "@mosaic/host";
import { fleetPaths } from "@mosaic/lifecycle";
import type { HookSite } from "@mosaic/runtimes";
import type { FoundFile } from "../hooks/launch-hooks.ts";
import type { Io } from "../io/io.ts";
import { agentPath } from "./agent-path.ts";
import { locateFramework, ownNode } from "./installation.ts";
import { readFramework } from "./read-framework.ts";
import { rosterIfGood } from "./read-roster.ts";

/** This host as hooks are installed on it. */
export interface HostHookSite extends HookSite {
  /** Undefined: there is none, or none that can be used. */
  readonly roster: Roster | undefined;
  /** What this program ships, text by path below `framework/`. */
  readonly shipped: ReadonlyMap<string, string>;
  /** True when agents run what `fleet install-systemd` copied to this host. */
  readonly isCopied: boolean;
}

/** Opens this host for hooks. Needs neither a roster nor tmux nor systemd.
 *  @throws MosaicError MACHINE when the roster or `framework/` can't be read */
export async function openHookSite(
  { mosaicHome, rosterPath }: { readonly mosaicHome: string; readonly rosterPath: string },
  io: Io,
): Promise<HostHookSite> {
  const roster = await rosterIfGood(rosterPath, io);
  const paths = fleetPaths(mosaicHome, rosterPath);
  const home = io.env["HOME"] || homedir();
  const isCopied = existsSync(`${paths.frameworkDirectory}/systemd/beats`);
  const atHome = (folder: string) => folder.replace(/^~(?=\/|$)/, home);
  return {
    home,
    context: {
      tenantId: roster?.tenantId ?? loginName(),
      host: roster?.host ?? io.hostName(),
      mosaicHome,
      nodeSocketPath: paths.nodeSocketPath,
      path: await agentPath(io),
      frameworkDirectory: isCopied ? paths.frameworkDirectory : locateFramework(),
      nodeProgram: ownNode(),
    },
    workingDirectories: [...new Set((roster?.agents ?? []).map((agent) => atHome(agent.workingDirectory)))],
    roster,
    shipped: await readFramework(),
    isCopied,
  };
}

/** The runtime's first agent of the roster, else one as a roster would have it. */
export function sampleAgent(runtime: string, roster: Roster | undefined): RosterAgent {
  const known = roster?.agents.find((agent) => agent.runtime === runtime);
  if (known !== undefined) return known;
  const command = runtime === "command" ? '\n    command: ["true"]' : "";
  const text = `version: 1\ntransport: tmux\nagents:\n  - name: sample\n    runtime: ${runtime}${command}\n`;
  const made = parseRoster(text, { file: "sample", defaultTenant: "sample", defaultHost: "sample" });
  return made.agents[0] as RosterAgent;
}

/** Reads a file of the host; undefined when it is not there or not to be read, which to a runtime is the same. */
export function foundFile(path: string): FoundFile | undefined {
  try {
    return { text: readFileSync(path, "utf8"), isExecutable: (statSync(path).mode & 0o100) !== 0 };
  } catch {
    // See above.
    return undefined;
  }
}

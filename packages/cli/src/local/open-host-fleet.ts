import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { parseEnv } from "node:util";
import { type FileStore, MosaicError, readWorkers, silentLog } from "@mosaic/core";
import { connectSystemd, connectTmux, fileAuditLog, fileStore, procfsTable, watchedFiles } from "@mosaic/host";
import { AGENT_TEMPLATE, type FleetPaths, fleetPaths, systemdSupervisor, tmuxSupervisor, type UnitSite } from "@mosaic/lifecycle";
import type { Invocation } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { HostFleet } from "../lifecycle/host-fleet.ts";
import { agentPath } from "./agent-path.ts";
import { locateInstallation, ownNode } from "./installation.ts";
import { installedFor } from "./installed-home.ts";
import { programFile } from "./program-files.ts";
import { readRoster } from "./read-roster.ts";
import { removeEmptyFolders } from "./remove-empty-folders.ts";
import { unitDirectoryOf } from "./unit-directory.ts";

/** Opens this host's fleet for commands that start and end agents: its roster, tmux and systemd. Needs no node.
 *  @throws MosaicError ROSTER_INVALID, or MACHINE when there is no tmux */
export async function openHostFleet({ globals }: Pick<Invocation, "globals">, io: Io): Promise<HostFleet> {
  const paths = fleetPaths(globals.mosaicHome, globals.rosterPath);
  const roster = await readRoster(paths.rosterPath, io);
  const site = await siteOf(paths, { tenantId: roster.tenantId, host: roster.host }, io);
  await using stack = new AsyncDisposableStack();
  const files = fileStore();
  const terminal = stack.use(
    connectTmux({
      socketName: roster.socketName,
      holderSession: roster.holderSession,
      holderProgram: ["/bin/sh", `${site.paths.frameworkDirectory}/systemd/beats`, paths.mosaicHome],
      clock: io.clock,
      log: silentLog,
    }),
  );
  const units = stack.use(
    connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory: io.env["XDG_RUNTIME_DIR"] || undefined }),
  );
  const reading = await units.read([AGENT_TEMPLATE], io.signal);
  const isInstalled = (await installedFor(files, site.unitDirectory, paths.mosaicHome)).kind === "us";
  const bySystemd = reading.kind === "units" && isInstalled;
  const shared = { terminal, launcher: terminal };
  const opened = stack.move();
  return {
    paths,
    roster,
    workers: await readWorkers(watchedFiles(silentLog), paths.workersDirectory),
    site,
    files,
    terminal,
    units,
    audit: fileAuditLog({ path: paths.auditPath, clock: io.clock }),
    actor: `${io.hostName()}:operator`,
    systemd: reading.kind === "units" ? { kind: "there" } : reading,
    isInstalled,
    supervisor: bySystemd
      ? systemdSupervisor({ ...shared, units, files, runDirectory: paths.runDirectory })
      : tmuxSupervisor({
          ...shared,
          processes: procfsTable(),
          files,
          clock: io.clock,
          holderSession: roster.holderSession,
          site,
          localVariables: (name) => localVariables(files, paths, name),
          resourceAttributes: io.env["OTEL_RESOURCE_ATTRIBUTES"],
        }),
    removeEmptyFolders: (removed) => removeEmptyFolders(removed, [paths.mosaicHome, site.unitDirectory]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function siteOf(paths: FleetPaths, identity: { tenantId: string; host: string }, io: Io): Promise<UnitSite> {
  const homeDirectory = io.env["HOME"] || homedir();
  const path = await agentPath(io);
  const tmuxProgram = programFile("tmux", io.env["PATH"] ?? path);
  if (tmuxProgram === undefined) {
    throw new MosaicError("MACHINE", "there is no tmux on the PATH", { hint: "sudo apt install tmux" });
  }
  const installation = locateInstallation();
  const tmuxDirectory = io.env["TMUX_TMPDIR"];
  // Without an installation agents run what this program ships.
  const installed = existsSync(`${paths.frameworkDirectory}/systemd/beats`);
  return {
    ...identity,
    paths: installed ? paths : { ...paths, frameworkDirectory: installation.frameworkDirectory },
    homeDirectory,
    path,
    nodeProgram: ownNode(),
    unitDirectory: unitDirectoryOf(homeDirectory, io.env),
    tmuxProgram,
    ...(tmuxDirectory ? { tmuxDirectory } : {}),
    nodeDaemon: installation.nodeDaemon,
    listen: [],
  };
}

async function localVariables(files: FileStore, paths: FleetPaths, name: string): Promise<Record<string, string>> {
  const text = await files.read(`${paths.agentsDirectory}/${name}.local.env`);
  return text === undefined ? {} : (parseEnv(text) as Record<string, string>);
}

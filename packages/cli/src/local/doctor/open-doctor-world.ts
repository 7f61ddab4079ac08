import { homedir } from "node:os";
import { silentLog } from "@mosaic/core";
import { connectSystemd, loginName, procfsTable } from "@mosaic/host";
import { fleetPaths } from "@mosaic/lifecycle";
import { runtimeNamed } from "@mosaic/runtimes";
import { inspectStore } from "@mosaic/store";
import type { CommandDeps } from "../../command.ts";
import { doctorFiles } from "../../doctor/doctor-files.ts";
import type { DoctorWorld } from "../../doctor/doctor-world.ts";
import { once, onceFor } from "../../doctor/once.ts";
import { applyHooks } from "../../hooks/apply-hooks.ts";
import type { Io } from "../../io/io.ts";
import type { GlobalOptions } from "../../parse/global-options.ts";
import { VERSION } from "../../version.ts";
import { openHookSite } from "../hook-site.ts";
import { unitDirectoryOf } from "../unit-directory.ts";
import { lookAtDaemon, lookAtFleet } from "./look-at-daemons.ts";
import { lookAtInstallation } from "./look-at-installation.ts";
import { lookAtMembership } from "./look-at-membership.ts";
import { lookAtRoster } from "./look-at-roster.ts";
import { lookAtVersions } from "./look-at-versions.ts";
import { machineFacts } from "./machine-facts.ts";

/** Opens this host for the doctor. Needs neither a roster nor tmux nor systemd, which may be what is wrong. */
export async function openDoctorWorld(globals: GlobalOptions, io: Io, deps: CommandDeps): Promise<DoctorWorld & AsyncDisposable> {
  const paths = fleetPaths(globals.mosaicHome, globals.rosterPath);
  const runtimeDirectory = io.env["XDG_RUNTIME_DIR"] || undefined;
  const units = connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory });
  const site = once(() => openHookSite(globals, io));
  const hooks = async (runtime: string, action: "install" | "check") =>
    // What is done is put on record by whoever asks for it.
    await applyHooks(runtimeNamed(runtime), await site(), { action, isDryRun: false, record: async () => {} });
  return {
    ...{ paths, units, env: io.env, hostName: io.hostName(), version: VERSION, signal: io.signal },
    unitDirectory: unitDirectoryOf(io.env["HOME"] || homedir(), io.env),
    user: { name: loginName(), uid: process.getuid?.() ?? -1 },
    nowUnixMs: io.clock.nowUnixMs(),
    files: doctorFiles(),
    machine: machineFacts(io),
    processes: procfsTable(),
    roster: once(() => lookAtRoster(paths.rosterPath, io)),
    daemon: onceFor((role) => lookAtDaemon(role, paths, globals, deps)),
    fleet: once(() => lookAtFleet(globals, deps)),
    members: once(() => lookAtMembership(`${paths.mosaicHome}/fleet/hosts.yaml`)),
    hooks: async (roster) => {
      const runtimes = [...new Set(roster.agents.map(({ runtime }) => runtime))];
      return await Promise.all(runtimes.map((runtime) => hooks(runtime, "check")));
    },
    installHooks: async (runtime) => void (await hooks(runtime, "install")),
    installation: once(() => lookAtInstallation(globals, io)),
    versions: once(() => lookAtVersions(io.env)),
    inspectStore,
    [Symbol.asyncDispose]: () => units[Symbol.asyncDispose](),
  };
}

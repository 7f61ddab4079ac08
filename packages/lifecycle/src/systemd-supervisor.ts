import {
  agentUnit,
  type FileStore,
  type SessionLauncher,
  sessionNameOf,
  type TerminalServer,
  type UnitControl,
  type UnitFacts,
  type UnitTable,
} from "@mosaic/core";
import { conversationStore } from "./conversation.ts";
import type { StartOptions, Supervisor } from "./supervisor.ts";
import { HOLDER_UNIT } from "./unit-files.ts";

export interface SystemdSupervisorDeps {
  readonly units: UnitTable & UnitControl;
  readonly terminal: Pick<TerminalServer, "listPanes">;
  readonly launcher: Pick<SessionLauncher, "endSession">;
  readonly files: Pick<FileStore, "read" | "write" | "remove">;
  readonly runDirectory: string;
}

/** Agents as units of the user's systemd: started again when they end, and after a reboot. */
export function systemdSupervisor(deps: SystemdSupervisorDeps): Supervisor {
  const conversations = conversationStore(deps.files, deps.runDirectory);
  const start = async (name: string, signal: AbortSignal, { isFresh = false }: StartOptions = {}) => {
    const [unit, isAlive] = await Promise.all([readUnit(deps, name, signal), hasLivePane(deps, name, signal)]);
    if (unit?.active === "active" && isAlive) return "already running" as const;
    await forgetFailures(deps, name, signal);
    if (isFresh) await conversations.forget(name);
    // A unit that counts as started while its agent is dead must first be brought down.
    if (unit?.active === "active") await deps.units.restart(agentUnit(name), signal);
    else await deps.units.start(agentUnit(name), signal);
    return "started" as const;
  };
  return {
    kind: "systemd",
    start: ({ name }, signal, options) => start(name, signal, options),
    async stop(name, signal) {
      const unit = await readUnit(deps, name, signal);
      const ran = unit !== undefined && !["inactive", "failed"].includes(unit.active);
      await deps.units.stop(agentUnit(name), signal);
      await deps.units.resetFailed(agentUnit(name), signal);
      // What ended by itself has left its last screen, and what was started by hand is in no unit.
      const ended = await deps.launcher.endSession(sessionNameOf(name), signal);
      return ran || ended === "ended" ? "stopped" : "not running";
    },
    async restart({ name }, signal, { isFresh = false } = {}) {
      const ran = await hasLivePane(deps, name, signal);
      await forgetFailures(deps, name, signal);
      if (isFresh) {
        // Ended first: while it runs it may still tell its node of the old one.
        await deps.units.stop(agentUnit(name), signal);
        await conversations.forget(name);
      }
      await deps.units.restart(agentUnit(name), signal);
      return ran ? "restarted" : "started";
    },
  };
}

// Somebody asks for it now: neither systemd's count nor the start script's waiting is to stand in the way.
async function forgetFailures(
  { units, files, runDirectory }: SystemdSupervisorDeps,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  await files.remove(`${runDirectory}/${name}.tries`);
  await units.resetFailed(HOLDER_UNIT, signal);
  await units.resetFailed(agentUnit(name), signal);
}

async function readUnit({ units }: SystemdSupervisorDeps, name: string, signal: AbortSignal): Promise<UnitFacts | undefined> {
  const reading = await units.read([agentUnit(name)], signal);
  return reading.kind === "units" ? reading.units.find(({ unit }) => unit === agentUnit(name)) : undefined;
}

async function hasLivePane({ terminal }: SystemdSupervisorDeps, name: string, signal: AbortSignal): Promise<boolean> {
  const panes = await terminal.listPanes(signal);
  return panes.some((pane) => pane.session === sessionNameOf(name) && !pane.isDead);
}

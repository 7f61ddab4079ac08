import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  type AuditLog,
  agentOfUnit,
  type FileStore,
  type Roster,
  type SessionLauncher,
  sessionNameOf,
  type TerminalServer,
  type UnitControl,
  type UnitTable,
} from "@mosaic/core";
import { AGENT_TEMPLATE, fleetPaths, HOLDER_UNIT, NODE_UNIT, systemdSupervisor, type UnitSite } from "@mosaic/lifecycle";
import { removeEmptyFolders } from "../local/remove-empty-folders.ts";
import type { HostFleet } from "./host-fleet.ts";
import type { InstalledFleet } from "./installed-fleet.ts";

/** What of a host is in memory; the fakes of the testkit fit. */
export interface Fakes {
  readonly roster: Roster;
  /** Of the disk: what the fleet has on it is in a folder of its own. */
  readonly files: FileStore;
  readonly units: UnitTable &
    UnitControl & { onStart: (unit: string) => void | Promise<void>; onStop: (unit: string) => void | Promise<void> };
  readonly terminal: TerminalServer & {
    readonly sessions: readonly string[];
    addSession(session: string, command: string): unknown;
    endSession(session: string): void;
  };
  readonly audit: AuditLog;
}

/** A host's fleet whose tmux, systemd and audit log are in memory, and whose files are in a folder of its own. */
export interface MemoryFleet {
  readonly fleet: HostFleet;
  /** The same, as who takes the installation away sees it. */
  readonly installed: InstalledFleet;
  /** What is copied to the host: three templates and a script. */
  readonly framework: ReadonlyMap<string, string>;
}

const UNIT = "# Made by `mosaic fleet install-systemd`; changes here are lost.\n[Service]\n@environment@\nExecStart=/bin/true\n";

/** Makes one for a test, kept by systemd. A unit that is started has a session. */
export async function memoryFleet(context: TestContext, { roster, files, units, terminal, audit }: Fakes): Promise<MemoryFleet> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-memory-fleet-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const paths = fleetPaths(join(folder, "a home"));
  const unitDirectory = join(folder, "units");
  const launcher = launcherOf(terminal);
  units.onStart = (unit) => void terminal.addSession(sessionOf(unit), "sleep");
  units.onStop = async (unit) => void (await launcher.endSession(sessionOf(unit), context.signal));
  const site: UnitSite = {
    ...{ paths, unitDirectory, tenantId: "team-a", host: "alpha", homeDirectory: folder, path: "/usr/bin:/bin", listen: [] },
    ...{ nodeProgram: "/opt/node", nodeDaemon: ["/opt/node", "/opt/mosaic-node.mjs"], tmuxProgram: "/usr/bin/tmux" },
  };
  const framework = new Map([
    ["systemd/beats", "#!/bin/sh\n"],
    ...[HOLDER_UNIT, AGENT_TEMPLATE, NODE_UNIT].map((unit) => [`systemd/${unit}.in`, UNIT] as const),
  ]);
  const shared = {
    ...{ paths, files, units, audit, actor: "desk:operator", systemd: { kind: "there" } as const },
    removeEmptyFolders: (removed: readonly string[]) => removeEmptyFolders(removed, [paths.mosaicHome, unitDirectory]),
    [Symbol.asyncDispose]: async () => {},
  };
  // The fake's own way to end a session is another one.
  const server: HostFleet["terminal"] = {
    ...launcher,
    listPanes: (signal) => terminal.listPanes(signal),
    capture: (...words) => terminal.capture(...words),
    paste: (...words) => terminal.paste(...words),
    pressKey: (...words) => terminal.pressKey(...words),
    onChange: (listener) => terminal.onChange(listener),
    watchOutput: (...words) => terminal.watchOutput(...words),
  };
  const supervisor = systemdSupervisor({ units, terminal, launcher, files, runDirectory: paths.runDirectory });
  return {
    fleet: { ...shared, roster, workers: [], site, terminal: server, isInstalled: true, supervisor },
    installed: { ...shared, unitDirectory, framework, terminal, holderSession: "_holder", tenantId: "team-a", host: "alpha" },
    framework,
  };
}

function sessionOf(unit: string): string {
  const agent = agentOfUnit(unit);
  return agent === undefined ? "_holder" : sessionNameOf(agent);
}

function launcherOf(terminal: Fakes["terminal"]): SessionLauncher {
  return {
    ensureHolder: async () => {},
    startSession: async ({ session }) => {
      terminal.addSession(session, "sleep");
      return "started";
    },
    endSession: async (session) => {
      if (!terminal.sessions.includes(session)) return "absent";
      terminal.endSession(session);
      return "ended";
    },
    endServer: async () => {
      for (const session of [...terminal.sessions]) terminal.endSession(session);
    },
  };
}

import type { ErrorCode, MosaicError, ProcessTable, Roster, UnitControl, UnitTable } from "@mosaic/core";
import type { Endpoint } from "@mosaic/core/light";
import type { Member } from "@mosaic/core/membership";
import type { FileStep, FleetPaths } from "@mosaic/lifecycle";
import type { InspectedStore } from "@mosaic/store";
import type { AgentJson, ConditionJson, HostStatusJson, InfoResponseJson } from "@mosaic/wire";
import type { DiskFacts, HostFacts } from "../fleet/judge-host.ts";
import type { ProgramFinder } from "../fleet/judge-roster.ts";
import type { HookItem } from "../hooks/hook-item.ts";
import type { Intent } from "../upgrade/intent.ts";
import type { Installed } from "../upgrade/where-installed.ts";
import type { DoctorFiles } from "./doctor-files.ts";

export type DaemonRole = "node" | "aggregator";

/** This host as the doctor sees it. What several checks ask is read once. */
export interface DoctorWorld {
  readonly paths: FleetPaths;
  /** Where the user's units are. */
  readonly unitDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly user: { readonly name: string; readonly uid: number };
  /** How this host calls itself. */
  readonly hostName: string;
  /** Version of this command. */
  readonly version: string;
  readonly nowUnixMs: number;
  readonly signal: AbortSignal;
  readonly files: DoctorFiles;
  readonly machine: MachineFacts;
  readonly units: UnitTable & UnitControl;
  readonly processes: ProcessTable;
  readonly roster: () => Promise<RosterLook>;
  readonly daemon: (role: DaemonRole) => Promise<DaemonLook>;
  /** Undefined: nobody answers that could tell. */
  readonly fleet: () => Promise<FleetLook | undefined>;
  /** Who is expected by the membership file of this home; undefined: there is none. @throws MosaicError MEMBERSHIP_INVALID */
  readonly members: () => Promise<readonly Member[] | undefined>;
  readonly hooks: (roster: Roster) => Promise<readonly HookItem[]>;
  readonly installHooks: (runtime: string) => Promise<void>;
  /** What an installation would change now; undefined: the fleet is not installed, or can't be planned. */
  readonly installation: () => Promise<readonly FileStep[] | undefined>;
  readonly versions: () => Promise<VersionsLook>;
  /** Undefined: there is none. @throws MosaicError ALREADY_RUNNING while a daemon uses it */
  readonly inspectStore: (path: string) => Promise<InspectedStore | undefined>;
}

/** The versions that lie side by side for this user. */
export interface VersionsLook {
  /** How this command was installed. */
  readonly own: Installed;
  /** The link to the version that is used. */
  readonly currentLink: string;
  /** Where it leads; undefined: nowhere, or there is none. */
  readonly current: string | undefined;
  /** What was begun and not ended; undefined: nothing. */
  readonly intent: Intent | undefined;
  /** Whether somebody is at it now. */
  readonly isUnderWay: boolean;
}

/** What is asked of the machine itself. */
export interface MachineFacts {
  /** In tmux's own words; undefined: not installed. */
  readonly tmuxVersion: () => Promise<string | undefined>;
  readonly systemd: () => Promise<HostFacts["systemd"]>;
  readonly lingering: () => Promise<HostFacts["lingering"]>;
  readonly enableLingering: () => Promise<void>;
  /** Names of units whose files changed since systemd read them. */
  readonly unitsToReload: () => Promise<readonly string[]>;
  readonly disk: (folder: string) => DiskFacts & { readonly totalBytes: number };
  /** `nfs`, `smb`, …; undefined: none of a network. */
  readonly networkFileSystem: (folder: string) => string | undefined;
  /** How many files a process may hold open; without a number this one. Undefined: it can't be told. */
  readonly openFilesLimit: (pid?: number) => number | undefined;
  /** Undefined: not on this system. */
  readonly inotify: () => { readonly watches: number; readonly instances: number } | undefined;
  /** Whether somebody listens on a TCP address of this machine. */
  readonly isListening: (hostname: string, port: number) => Promise<boolean>;
  /** Why nobody can be connected to there, in a word; undefined: somebody listens. */
  readonly whyUnreachable: (endpoint: Endpoint) => Promise<string | undefined>;
  /** The PATH of a detached pane. */
  readonly agentPath: () => Promise<string>;
  readonly finder: (path: string) => ProgramFinder;
}

export type RosterLook =
  | { readonly kind: "good"; readonly roster: Roster }
  | { readonly kind: "absent" }
  | { readonly kind: "bad"; readonly code: ErrorCode; readonly message: string };

/** A daemon of this home. */
export interface DaemonLook {
  /** What it wrote of itself; its process may be gone. */
  readonly record: { readonly pid: number; readonly endpoints: readonly string[] } | undefined;
  /** Whether the process of the record is that daemon. */
  readonly isRunning: boolean;
  readonly info: InfoResponseJson | undefined;
  /** Why it did not answer. */
  readonly silence: MosaicError | undefined;
}

/** The fleet as whoever serves it tells it. */
export interface FleetLook {
  readonly hosts: readonly HostStatusJson[];
  readonly agents: readonly AgentJson[];
  readonly conditions: readonly ConditionJson[];
}

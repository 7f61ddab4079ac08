import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { MosaicError, type Roster, type UnitControl, type UnitTable } from "@mosaic/core";
import { parseMembership } from "@mosaic/core/membership";
import {
  createFleetCa,
  type FleetCa,
  formatCredentials,
  formatEnrolmentFile,
  issueLeaf,
  newKey,
  publicKeyOf,
} from "@mosaic/identity";
import { fleetPaths, NODE_UNIT, planGateway } from "@mosaic/lifecycle";
import { hostJson } from "../fleet/builders-for-tests.ts";
import { locateFramework } from "../local/installation.ts";
import { doctorFiles, type EntryFacts } from "./doctor-files.ts";
import type { DaemonLook, DoctorWorld, FleetLook, MachineFacts, VersionsLook } from "./doctor-world.ts";

export const NOW_MS = Date.UTC(2026, 10, 21, 12);
export const LISTEN = "http://127.0.0.1:8787";
const HOUR_MS = 3_600_000;

/** A host on which nothing is wrong, in a folder of its own; every part of it may be replaced. */
export type SoundWorld = { -readonly [Key in Exclude<keyof DoctorWorld, "machine">]: DoctorWorld[Key] } & {
  machine: { -readonly [Key in keyof MachineFacts]: MachineFacts[Key] };
  /** What the disk says of an entry, whatever is there: others' files can't be made by a test. */
  readonly entries: Map<string, EntryFacts>;
  readonly unreadable: Set<string>;
  write(path: string, text: string, mode?: number): Promise<void>;
};

/** Makes one for a test.
 *  @param fakes systemd in memory, in which nothing is known yet, and a roster */
export async function soundWorld(
  context: TestContext,
  fakes: { readonly units: UnitTable & UnitControl & { set(unit: string): void }; readonly roster: Roster },
): Promise<SoundWorld> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-doctor-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const paths = fleetPaths(join(folder, "mosaic"));
  const unitDirectory = join(folder, "units");
  const uid = process.getuid?.() ?? 0;
  const entries = new Map<string, EntryFacts>([[`${paths.runDirectory}/node.sock`, { kind: "socket", mode: 0o600, uid }]]);
  const unreadable = new Set<string>();
  const disk = doctorFiles();
  const write = async (path: string, text: string, mode = 0o600) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text);
    // The umask of who runs the tests is not the test's.
    await chmod(path, mode);
  };
  for (const name of [paths.mosaicHome, paths.runDirectory]) {
    await mkdir(name, { recursive: true });
    await chmod(name, 0o700);
  }
  await write(`${unitDirectory}/${NODE_UNIT}`, await nodeUnit(paths.mosaicHome, unitDirectory, fakes.roster));
  await write(`${paths.runDirectory}/lead.hb`, `ts=${new Date(NOW_MS).toISOString()}\npid=12\nstatus=ok\n`);
  await write(`${paths.agentsDirectory}/lead.env`, 'PATH="/usr/bin:/bin"\n');
  await write(`${paths.mosaicHome}/fleet/policy.yaml`, "grants: []\n");
  await write(paths.auditPath, "");
  await writeIdentity(paths.mosaicHome, await sharedCa(), write);
  for (const unit of [NODE_UNIT, "mosaic-tmux-holder.service", "mosaic-agent@lead.service"]) fakes.units.set(unit);
  return {
    ...{ paths, unitDirectory, entries, unreadable, write, units: fakes.units, hostName: "alpha", version: "1.0.0" },
    env: { LANG: "en_GB.UTF-8", XDG_RUNTIME_DIR: `/run/user/${uid}`, TMUX_TMPDIR: folder },
    user: { name: "ada", uid },
    nowUnixMs: NOW_MS,
    signal: context.signal,
    files: {
      ...disk,
      look: async (path) => entries.get(path) ?? (await disk.look(path)),
      read: async (path) => {
        if (unreadable.has(path)) throw new MosaicError("MACHINE", `${path}: EACCES`);
        return await disk.read(path);
      },
      writeProblem: async () => undefined,
      setMode: async (path, mode) => {
        const known = entries.get(path);
        if (known) entries.set(path, { ...known, mode });
        else await disk.setMode(path, mode);
      },
    },
    machine: soundMachine(),
    processes: { read: () => undefined, childrenOf: () => [] },
    roster: async () => ({ kind: "good", roster: fakes.roster }),
    daemon: async (role) => (role === "node" ? soundNode(paths.runDirectory) : NO_DAEMON),
    fleet: async () => soundFleet(),
    members: async () => {
      const text = await disk.read(`${paths.mosaicHome}/fleet/hosts.yaml`);
      return text === undefined ? undefined : parseMembership(text, "hosts.yaml");
    },
    hooks: async () => [],
    installHooks: async () => {},
    installation: async () => [{ kind: "keep", path: `${unitDirectory}/${NODE_UNIT}` }],
    versions: async () => soundVersions(),
    inspectStore: async () => ({ refusal: undefined, passing: undefined, readable: 0, unfinished: [] }),
  };
}

/** Writes an identity of the fleet `acme` into a home; over what is there. */
export async function writeIdentity(
  mosaicHome: string,
  ca: FleetCa,
  write: SoundWorld["write"],
  options: { readonly fleet?: string; readonly tenantId?: string; readonly issuedAtMs?: number; readonly rootsOf?: FleetCa } = {},
): Promise<void> {
  const { fleet = "acme", tenantId = "team-a", issuedAtMs = NOW_MS - HOUR_MS, rootsOf = ca } = options;
  const key = newKey();
  const identity = { kind: "node", fleet, tenantId, hostId: "id-alpha" } as const;
  const leaf = await issueLeaf(ca.intermediate, { publicKey: publicKeyOf(key), identity, nowUnixMs: issuedAtMs });
  const folder = `${mosaicHome}/fleet/identity`;
  await write(`${folder}/credentials.pem`, formatCredentials({ key, chain: [leaf, ca.intermediate.certificate] }));
  await write(`${folder}/roots.pem`, rootsOf.root.certificate.toString());
  await write(`${folder}/enrolment.json`, formatEnrolmentFile({ fleet, addresses: ["127.0.0.1:8444"], listen: [], dialOut: "" }));
}

let shared: Promise<FleetCa> | undefined;

/** One fleet for all tests of a process. */
export function sharedCa(): Promise<FleetCa> {
  shared ??= createFleetCa("acme", NOW_MS - 24 * HOUR_MS);
  return shared;
}

/** A daemon that does not run. */
export const NO_DAEMON: DaemonLook = { record: undefined, isRunning: false, info: undefined, silence: undefined };

/** The node of the sound host. */
export function soundNode(runDirectory: string): DaemonLook {
  const endpoints = [`unix:${runDirectory}/node.sock`, LISTEN];
  const record = { role: "node", pid: 42, host: "alpha", tenant: "team-a", id: "id-alpha", version: "1.0.0", endpoints } as const;
  return { record, isRunning: true, info: { version: "1.0.0", pid: 42, host: "alpha" }, silence: undefined };
}

/** One host that answers now. */
export function soundFleet(): FleetLook {
  return { hosts: [hostJson("alpha", { asOfUnixMs: String(NOW_MS), conditions: [] })], agents: [], conditions: [] };
}

/** One version that is linked and typed, as nothing was ever killed. */
export function soundVersions(more: Partial<VersionsLook> = {}): VersionsLook {
  const root = "/home/ada/.local/share/mosaic";
  const own = { kind: "versions", root, version: "1.0.0", folder: `${root}/versions/1.0.0` } as const;
  return { own, currentLink: `${root}/current`, current: "1.0.0", intent: undefined, isUnderWay: false, ...more };
}

function soundMachine(): SoundWorld["machine"] {
  return {
    tmuxVersion: async () => "3.7",
    systemd: async () => ({ kind: "answers" }),
    lingering: async () => "enabled",
    enableLingering: async () => {},
    unitsToReload: async () => [],
    disk: (folder) => ({ folder, isWritable: true, freeBytes: 50e9, totalBytes: 100e9, freeFiles: 1e6 }),
    networkFileSystem: () => undefined,
    openFilesLimit: () => 65_536,
    inotify: () => ({ watches: 65_536, instances: 128 }),
    isListening: async () => false,
    whyUnreachable: async () => undefined,
    agentPath: async () => "/usr/bin:/bin",
    finder: () => ({
      detached: (program) => `/usr/bin/${program}`,
      inShell: (program) => `/usr/bin/${program}`,
      interpreterOf: () => undefined,
      folderExists: () => true,
      atHome: (path) => path.replace(/^~/, "/home/ada"),
    }),
  };
}

async function nodeUnit(mosaicHome: string, unitDirectory: string, roster: Roster): Promise<string> {
  const template = await readFile(join(locateFramework(), `systemd/${NODE_UNIT}.in`), "utf8");
  const site = {
    ...{ paths: fleetPaths(mosaicHome), tenantId: "team-a", host: "alpha", homeDirectory: "/home/ada", path: "/usr/bin:/bin" },
    ...{ nodeProgram: process.execPath, unitDirectory, tmuxProgram: "/usr/bin/tmux", listen: [LISTEN] },
    nodeDaemon: [process.execPath, join(locateFramework(), "systemd/start-agent")] as const,
  };
  return planGateway({ role: "node", roster, site, framework: new Map([[`systemd/${NODE_UNIT}.in`, template]]) }).text;
}

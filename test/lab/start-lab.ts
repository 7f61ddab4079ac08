import { realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { root } from "../tools/run-tool.ts";
import { bootHost } from "./boot.ts";
import { cgroupMount, makeLabGroup } from "./cgroups.ts";
import { type HostView, writeHostFiles } from "./host-files.ts";
import { createLabHost, type LabHost } from "./lab-host.ts";
import { labObstacle } from "./lab-obstacle.ts";
import {
  claimFolder,
  defaultLabsFolder,
  type LabRecord,
  ownMark,
  prepareLabsFolder,
  type TenantRecord,
  writeRecord,
} from "./lab-record.ts";
import { createSwitch } from "./network.ts";
import { removeLab, sweepAbandoned, withLabsLock } from "./remove-lab.ts";

export interface LabOptions {
  /** How many, at most 200, or their names. */
  readonly hosts: number | readonly string[];
  /** On every host, with the same user id: how many, at most 100, or who. A home must be below `/home`; default `/home/<name>`. */
  readonly tenants?: number | readonly (string | { readonly name: string; readonly home?: string })[] | undefined;
  /** More files and folders that hosts see, besides the clone, where they are outside, and can't change. Only needed for what is in a folder
   *  that each host has of its own: /tmp, /var/tmp, /home, /root. Nothing of /run can be shown. */
  readonly readOnly?: readonly string[] | undefined;
  /** Programs on every host's path, in /usr/local/bin, which has nothing else: name to path. Default: `node`, that of the clone. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
  /** Where labs keep their folders; default `mosaic-lab` in the temp folder. */
  readonly labsFolder?: string | undefined;
  /** `fixture` (default): ends with this process. `command`: made by a person. `detached`: the same, and stays until it is taken down. */
  readonly kind?: "fixture" | "command" | "detached" | undefined;
}

/** Hosts that reach each other and nothing else. Disposing removes all of it. */
export interface Lab extends AsyncDisposable {
  readonly id: string;
  readonly hosts: readonly LabHost[];
  readonly tenants: readonly TenantRecord[];
  /** The clone's own Node, at the same path inside and outside. */
  readonly node: string;
  readonly record: LabRecord;
}

/** Makes a lab and boots its hosts, after sweeping away those whose process is gone. Resolves when every tenant's user manager answers.
 *  @throws Error with the obstacle where no lab can be made */
export async function startLab(options: LabOptions, signal: AbortSignal): Promise<Lab> {
  const obstacle = labObstacle();
  if (obstacle !== undefined) throw new Error(`cannot make a lab: ${obstacle}`);
  const view = hostView(options);
  const labsFolder = resolve(options.labsFolder ?? defaultLabsFolder());
  // A host takes /run for its own before it can look for anything there.
  if (labsFolder.startsWith("/run/")) throw new Error(`cannot make a lab in ${labsFolder}: it must not be below /run`);
  prepareLabsFolder(labsFolder);
  await sweepAbandoned(labsFolder);
  const record = await withLabsLock(labsFolder, async () => claimLab(labsFolder, options));
  try {
    signal.throwIfAborted();
    for (const host of record.hosts) writeHostFiles(record, host, view);
    makeLabGroup(record.cgroup);
    await createSwitch(record);
    const booted = await Promise.allSettled(record.hosts.map((host) => bootHost(record, host)));
    for (const result of booted) if (result.status === "rejected") throw result.reason;
    signal.throwIfAborted();
  } catch (error) {
    await removeLab(record);
    throw error;
  }
  return openLab(record);
}

/** Takes hold of a lab that is there, from its record. */
export function openLab(record: LabRecord): Lab {
  return {
    id: record.id,
    hosts: record.hosts.map((host) => createLabHost(record, host)),
    tenants: record.tenants,
    node: labNode(),
    record,
    [Symbol.asyncDispose]: () => removeLab(record),
  };
}

function claimLab(labsFolder: string, options: LabOptions): LabRecord {
  // All that may be wrong with the options is found before anything is made.
  const names = hostNames(options.hosts);
  const tenants = tenantsWithoutIds(options.tenants ?? 1);
  const { id, slot, folder } = claimFolder(labsFolder);
  const cgroup = join(cgroupMount() ?? "", `mosaic-lab-${id}`);
  const hosts = names.map((name, index) => ({
    name,
    address: `10.231.${slot}.${10 + index}`,
    netns: `mosaic-lab-${id}-${name}`,
    port: `port${index}`,
    cgroup: join(cgroup, name),
    folder: join(folder, "hosts", name),
  }));
  const kind = options.kind ?? "fixture";
  const record: LabRecord = {
    version: 1,
    id,
    slot,
    folder,
    kind: kind === "fixture" ? kind : "command",
    ...(kind === "detached" ? {} : { owner: ownMark() }),
    cgroup,
    switchNetns: `mosaic-lab-${id}-switch`,
    hosts,
    tenants: tenants.map((tenant, index) => ({ ...tenant, uid: firstUid + slot * 100 + index })),
  };
  writeRecord(record);
  return record;
}

const exampleHosts = ["atlas", "borealis", "cygnus", "draco", "eridanus", "fornax", "gemini", "hydra"];

function hostNames(hosts: LabOptions["hosts"]): readonly string[] {
  const names =
    typeof hosts === "number" ? Array.from({ length: hosts }, (_, index) => exampleHosts[index] ?? `host${index + 1}`) : hosts;
  assertNames("host", names, 200);
  return names;
}

/** Above the ids that people's accounts get. Each slot has a hundred: the kernel counts some things per user id, namespaces or not. */
const firstUid = 50_000;

function tenantsWithoutIds(tenants: NonNullable<LabOptions["tenants"]>): Omit<TenantRecord, "uid">[] {
  const named = typeof tenants === "number" ? Array.from({ length: tenants }, (_, index) => `mlab-${letters(index)}`) : tenants;
  const records = named
    .map((tenant) => (typeof tenant === "string" ? { name: tenant } : tenant))
    .map((tenant) => ({
      home: `/home/${tenant.name}`,
      ...tenant,
    }));
  assertNames(
    "tenant",
    records.map(({ name }) => name),
    100,
  );
  const stray = records.find(({ home }) => !/^\/home\/[^\t\n:]+$/.test(home));
  if (stray !== undefined)
    throw new Error(`cannot make a lab: the home of ${stray.name} must be below /home, and is ${stray.home}`);
  return records;
}

/** a … z, ba, bb … */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26)) + last;
}

function assertNames(what: string, names: readonly string[], max: number): void {
  const bad = names.find((name) => !/^[a-z][a-z0-9-]{0,30}$/.test(name));
  if (bad !== undefined)
    throw new Error(`cannot make a lab: ${what} name "${bad}" is not 1 to 31 of a-z, 0-9 and dash, from a letter on`);
  if (names.length === 0 || names.length > max) throw new Error(`cannot make a lab: ${names.length} ${what}s, not 1 to ${max}`);
  if (new Set(names).size < names.length) throw new Error(`cannot make a lab: two ${what}s have the same name`);
}

function labNode(): string {
  return realpathSync(join(root, "node_modules", `node-linux-${process.arch}`, "bin", "node"));
}

function hostView({ readOnly = [], programs = {} }: LabOptions): HostView {
  const visible = [realpathSync(root), ...readOnly.map((path) => realpathSync(path))];
  for (const path of visible) assertReachable(path);
  return { readOnly: visible, programs: { node: labNode(), ...programs } };
}

/** Folders that hosts have of their own; what is on the way there is made anew, open to all. */
const hidden = /^\/(tmp|var\/tmp|home|root)(\/|$)/;

function assertReachable(path: string): void {
  const isOpen = (place: string, bits: number) => (statSync(place).mode & bits) === bits;
  const ways: string[] = [];
  for (let parent = dirname(path); parent !== "/" && !hidden.test(parent); parent = dirname(parent)) ways.push(parent);
  const closed =
    ways.find((way) => !isOpen(way, 0o001)) ?? (isOpen(path, statSync(path).isDirectory() ? 0o005 : 0o004) ? undefined : path);
  if (closed !== undefined) throw new Error(`cannot make a lab: tenants can't read ${path}, because ${closed} is closed to them`);
}

import { readFileSync, rmdirSync } from "node:fs";
import { eventually } from "@mosaic/testkit";
import { type ProgramEnd, type RunningProgram, startProgram } from "../mesh/run-program.ts";
import { bootHost, cutPower, findInit, readConsole, shutDown } from "./boot.ts";
import { isGroupFrozen, processesIn, setFrozen, signalIfThere } from "./cgroups.ts";
import { type EnterOptions, enterHost, type LabUser } from "./enter-host.ts";
import { outsideHome } from "./host-files.ts";
import type { HostRecord, LabRecord, TenantRecord } from "./lab-record.ts";
import { type CutDirection, cutHost, healHost, readCut } from "./network.ts";
import { systemPath } from "./system-tool.ts";

/** A tenant on a host: an ordinary user with a user manager. */
export interface HostTenant extends TenantRecord {
  /** `/run/user/<uid>`, inside the host: lost at a reboot. */
  readonly runtimeDirectory: string;
  /** The home, as the test sees it. Files written here belong to root until they are given to the tenant. */
  readonly outsideHome: string;
}

export interface RunOptions extends EnterOptions {
  /** Default: nothing. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Default 60 s. */
  readonly timeoutMs?: number | undefined;
}

export interface HostState {
  readonly power: "on" | "off" | "paused";
  readonly cut: CutDirection | undefined;
  readonly processes: number;
}

/** One host of a lab. A tenant is given by name, or by number from 0. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly tenants: readonly HostTenant[];
  /** Runs a program to its end, as a login of a tenant. Whatever it leaves running goes on.
   *  @throws Error with its output when it takes longer than its limit: it is killed then, with all that it started in its session */
  run(tenant: string | number, argv: readonly string[], options?: RunOptions): Promise<ProgramEnd>;
  runAsRoot(argv: readonly string[], options?: RunOptions): Promise<ProgramEnd>;
  /** Starts a program. Disposing kills it, with all that it started in its session. `pid` is that outside; signals reach the program itself. */
  spawn(tenant: string | number, argv: readonly string[], options?: Omit<RunOptions, "timeoutMs">): RunningProgram;
  spawnAsRoot(argv: readonly string[], options?: Omit<RunOptions, "timeoutMs">): RunningProgram;
  /** The command that runs a program on this host when it is started outside, for a terminal or a test's own way to start programs. */
  command(tenant: string | number, argv: readonly string[], options?: EnterOptions): readonly [string, ...string[]];
  /** Shuts down in order, and boots. Homes stay; /run, /tmp and all connections are lost.
   *  @param options.graceMs for the user managers' units to end; default 10 s */
  reboot(options?: { readonly graceMs?: number }): Promise<void>;
  /** Cuts the power: nothing is ended in order, and peers hear nothing more. */
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
  /** Freezes all processes where they are; the kernel still answers for them, as it does for a stopped process. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Drops frames to (`in`) or from (`out`) this host, silently; also after a reboot, until {@link heal}. Default: both. */
  cut(options?: { readonly direction?: CutDirection }): Promise<void>;
  heal(): Promise<void>;
  state(): Promise<HostState>;
  /** What its PID 1 and its user managers wrote. */
  console(): string;
}

/** Makes the handle of a host; holds nothing, so that several may be had of the same host. */
export function createLabHost(record: LabRecord, host: HostRecord): LabHost {
  const userNamed = (tenant: string | number) => findTenant(record, host, tenant);
  const start = (user: LabUser, argv: readonly string[], options?: RunOptions) => startInside(host, user, argv, options);
  return {
    name: host.name,
    address: host.address,
    tenants: record.tenants.map((tenant) => toHostTenant(host, tenant)),
    run: async (tenant, argv, options) => endInTime(start(userNamed(tenant), argv, options), argv, options?.timeoutMs),
    runAsRoot: async (argv, options) => endInTime(start("root", argv, options), argv, options?.timeoutMs),
    spawn: (tenant, argv, options) => start(userNamed(tenant), argv, options),
    spawnAsRoot: (argv, options) => start("root", argv, options),
    command: (tenant, argv, options) => enterHost(host, userNamed(tenant), argv, options).argv,
    async reboot({ graceMs = 10_000 } = {}) {
      await shutDown(record, host, graceMs);
      await bootHost(record, host);
    },
    powerOff: () => cutPower(record, host),
    async powerOn() {
      if (findInit(host) === undefined) await bootHost(record, host);
    },
    pause: () => setFrozen(host.cgroup, true),
    resume: () => setFrozen(host.cgroup, false),
    cut: ({ direction = "both" } = {}) => cutHost(record, host, direction),
    heal: () => healHost(record, host),
    state: async () => ({ power: readPower(host), cut: await readCut(record, host), processes: processesIn(host.cgroup).length }),
    console: () => readConsole(host),
  };
}

function findTenant(record: LabRecord, host: HostRecord, wanted: string | number): TenantRecord {
  const found = record.tenants.find((tenant, index) => tenant.name === wanted || index === wanted);
  if (found !== undefined) return found;
  throw new Error(`${host.name} has no tenant ${wanted}; it has ${record.tenants.map(({ name }) => name).join(", ")}`);
}

function toHostTenant(host: HostRecord, tenant: TenantRecord): HostTenant {
  return { ...tenant, runtimeDirectory: `/run/user/${tenant.uid}`, outsideHome: outsideHome(host, tenant) };
}

function readPower(host: HostRecord): HostState["power"] {
  if (findInit(host) === undefined) return "off";
  return isGroupFrozen(host.cgroup) ? "paused" : "on";
}

/** The outer process only waits for the one inside, so signals and the end go by the session's cgroup. */
function startInside(host: HostRecord, user: LabUser, argv: readonly string[], options: RunOptions = {}): RunningProgram {
  const { argv: outerArgv, sessionGroup } = enterHost(host, user, argv, options);
  const program = startProgram(outerArgv, { env: { PATH: systemPath }, stdin: options.stdin });
  void program.ended.then(() => removeIfEmpty(sessionGroup));
  return {
    ...program,
    kill: (signal) => signalIfThere(childOf(program.pid) ?? program.pid, signal),
    async [Symbol.asyncDispose]() {
      await endSession(program, host, sessionGroup);
      removeIfEmpty(sessionGroup);
    },
  };
}

async function endInTime(program: RunningProgram, argv: readonly string[], timeoutMs = 60_000): Promise<ProgramEnd> {
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    void program[Symbol.asyncDispose]();
  }, timeoutMs);
  const end = await program.ended;
  clearTimeout(timer);
  if (!isOverdue) return end;
  throw new Error(`still running after ${timeoutMs} ms: ${argv.join(" ")}\n${end.stdout}\n${end.stderr}`);
}

/** Kills all in a session but the outer process, which then ends by itself: one that dies before its child leaves that one's remains to
 *  the machine's PID 1, and the host couldn't end before that one finds the time. */
async function endSession(program: RunningProgram, host: HostRecord, sessionGroup: string): Promise<void> {
  let isEnded = false;
  void program.ended.then(() => {
    isEnded = true;
  });
  await eventually(`${sessionGroup} ends`, () => {
    const inner = processesIn(sessionGroup).filter((pid) => pid !== program.pid);
    for (const pid of inner) signalIfThere(pid, "SIGKILL");
    // Just started, it has no child yet, and may not even be in its session; on a paused host it can't end by itself.
    const mustBeKilled = childOf(program.pid) === undefined || isGroupFrozen(host.cgroup);
    if (!isEnded && inner.length === 0 && mustBeKilled) program.kill("SIGKILL");
    return isEnded && inner.length === 0;
  });
}

/** The program itself: nsenter's one child. */
function childOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")) || undefined;
  } catch {
    // It ended just now.
    return undefined;
  }
}

function removeIfEmpty(sessionGroup: string): void {
  try {
    rmdirSync(sessionGroup);
  } catch {
    // The program left something running, which keeps the session; or the host is off, and the group went with it.
  }
}

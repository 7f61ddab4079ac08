import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { endProcesses, processesNaming, tmuxSockets } from "./leftovers.ts";
import type { PsAnswer } from "./ps-answer.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "./run-program.ts";

/** How the `mosaic` command is started: as its users do, on the Node that runs the tests. */
export const MOSAIC: readonly [string, string] = [
  process.execPath,
  join(import.meta.dirname, "../../packages/cli/bin/mosaic.mjs"),
];

export interface DemoFleetOptions {
  readonly hosts: number;
  /** On each host. */
  readonly agents: number;
  /** Added to the environment of the daemons and of every command. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface MosaicOptions {
  /** Added to the fleet's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdin?: string | Uint8Array | undefined;
  readonly cwd?: string | undefined;
  /** Default 60 s. */
  readonly timeoutMs?: number | undefined;
}

/** A daemon as `demo ps --json` tells it. */
export interface FleetDaemon {
  readonly role: "node" | "aggregator";
  /** `aggregator` for the aggregator. */
  readonly host: string;
  readonly pid: number;
  readonly is_running: boolean;
  readonly endpoint: string;
  readonly home: string;
}

/** A real demo fleet in a private folder. Disposing ends it and fails when anything of it is left. */
export interface DemoFleet extends AsyncDisposable {
  /** The demo's own folder, which is the aggregator's MOSAIC_HOME. */
  readonly directory: string;
  /** Private to this test, above the demo's; for what else a test needs. */
  readonly folder: string;
  /** The environment of commands: MOSAIC_HOME is the demo, HOME is empty. */
  readonly env: Readonly<Record<string, string>>;
  /** As of the last `refresh` or `restart`. */
  readonly daemons: readonly FleetDaemon[];
  /** Runs `mosaic` with these arguments to its end. */
  mosaic(args: readonly string[], options?: MosaicOptions): Promise<ProgramEnd>;
  /** Starts `mosaic` and lets it run. */
  start(args: readonly string[], options?: MosaicOptions): RunningProgram;
  /** `mosaic fleet ps --all-hosts --json`, parsed. */
  ps(...args: string[]): Promise<{ readonly answer: PsAnswer; readonly end: ProgramEnd }>;
  daemon(host: string): FleetDaemon;
  /** The name of the tmux socket that a host's agents are on. */
  tmuxSocket(host: string): Promise<string>;
  /** Sends a signal to the daemon of a host, or to the `aggregator`. */
  kill(host: string, signal: NodeJS.Signals): void;
  /** `mosaic demo up` again: starts what was killed. */
  restart(): Promise<ProgramEnd>;
  /** Waits until `condition` answers something; `what` names it in the error. */
  eventually<T>(what: string, condition: () => T | Promise<T>, deadlineMs?: number): Promise<Exclude<T, undefined | false>>;
}

/** Brings a demo fleet up in a private temporary folder, and waits until it is whole.
 *  @throws AssertionError with what `demo up` said when it fails; nothing is left then either */
export async function startDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-mesh-"));
  const fleet = new PrivateFleet(folder, options);
  try {
    await mkdir(join(folder, "home"));
    await fleet.restart();
    return fleet;
  } catch (thrown) {
    await fleet[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** The environment of a test's commands: nothing of the person who runs the tests but the PATH. */
export function cleanEnvironment(folder: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: join(folder, "home"),
    TMPDIR: folder,
    TZ: "UTC",
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    TERM: "xterm-256color",
  };
}

class PrivateFleet implements DemoFleet {
  readonly folder: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #options: DemoFleetOptions;
  #daemons: readonly FleetDaemon[] = [];

  constructor(folder: string, options: DemoFleetOptions) {
    this.folder = folder;
    this.directory = join(folder, "demo");
    this.env = { ...cleanEnvironment(folder), MOSAIC_HOME: this.directory, ...options.env };
    this.#options = options;
  }

  get daemons(): readonly FleetDaemon[] {
    return this.#daemons;
  }

  mosaic(args: readonly string[], options: MosaicOptions = {}): Promise<ProgramEnd> {
    return runToEnd([...MOSAIC, ...args], { ...options, env: { ...this.env, ...options.env } });
  }

  start(args: readonly string[], options: MosaicOptions = {}): RunningProgram {
    return startProgram([...MOSAIC, ...args], { ...options, env: { ...this.env, ...options.env } });
  }

  async ps(...args: string[]) {
    const end = await this.mosaic(["fleet", "ps", "--all-hosts", "--json", ...args]);
    return { answer: JSON.parse(end.stdout) as PsAnswer, end };
  }

  daemon(host: string): FleetDaemon {
    const found = this.#daemons.find((daemon) => daemon.host === host);
    assert.ok(found, `the demo has no daemon ${host}`);
    return found;
  }

  async tmuxSocket(host: string): Promise<string> {
    const end = await this.mosaic(["demo", "ps", "--json", "--dir", this.directory]);
    const { hosts } = JSON.parse(end.stdout) as { hosts: { host: string; tmux_socket: string }[] };
    const found = hosts.find((each) => each.host === host);
    assert.ok(found, `the demo has no host ${host}`);
    return found.tmux_socket;
  }

  kill(host: string, signal: NodeJS.Signals): void {
    process.kill(this.daemon(host).pid, signal);
  }

  async restart(): Promise<ProgramEnd> {
    const { hosts, agents } = this.#options;
    const end = await this.mosaic(["demo", "up", "--hosts", `${hosts}`, "--agents", `${agents}`, "--dir", this.directory]);
    assert.equal(end.exitCode, 0, `demo up: ${end.stderr}`);
    const ps = await this.mosaic(["demo", "ps", "--json", "--dir", this.directory]);
    this.#daemons = (JSON.parse(ps.stdout) as { daemons: FleetDaemon[] }).daemons;
    return end;
  }

  eventually<T>(what: string, condition: () => T | Promise<T>, deadlineMs?: number) {
    return eventually(what, condition, deadlineMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const prefix = await socketPrefix(this.directory);
    const marks = [this.directory, ...(prefix === undefined ? [] : [prefix])];
    const down = prefix === undefined ? undefined : await this.mosaic(["demo", "down", "--dir", this.directory]);
    await removeAll(this.folder, marks, prefix, down);
  }
}

async function removeAll(folder: string, marks: readonly string[], prefix: string | undefined, down: ProgramEnd | undefined) {
  try {
    assert.equal(down?.exitCode ?? 0, 0, `demo down: ${down?.stderr}`);
    await assertNothingLeft(marks, prefix);
  } finally {
    await endProcesses(marks);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fails when a process, or a tmux socket, of a demo is left.
 *  @param marks what only its processes have in their command line, environment or working directory
 *  @param prefix start of the names of its tmux sockets */
async function assertNothingLeft(marks: readonly string[], prefix: string | undefined): Promise<void> {
  // The agents hear of the end of their tmux server by a signal, and take a moment to go.
  await eventually("the demo's processes end", () => processesNaming(marks).length === 0, 5000).catch(() => {});
  assert.deepEqual(processesNaming(marks), [], "processes of the demo are left");
  if (prefix !== undefined) assert.deepEqual(tmuxSockets(prefix), [], "tmux sockets of the demo are left");
}

/** How the tmux sockets of the demo in a folder start; undefined when there is no demo. */
async function socketPrefix(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, "demo.json"), "utf8").catch(() => undefined);
  const name = text === undefined ? undefined : /"tmuxSocketName": "(mosaic-demo-[^"-]+-)/.exec(text)?.[1];
  assert.ok(text === undefined || name !== undefined, "demo.json names no tmux socket");
  return name;
}

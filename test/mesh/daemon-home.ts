import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { cleanEnvironment, MOSAIC } from "./demo-fleet.ts";
import { endProcesses } from "./leftovers.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "./run-program.ts";

export type DaemonRole = "node" | "aggregator";

const PACKAGES = join(import.meta.dirname, "../../packages");

/** What a running daemon wrote of itself into its home. */
export interface DaemonRecord {
  readonly pid: number;
  readonly endpoints: readonly string[];
}

/** A MOSAIC_HOME for daemons that a test starts by hand. Disposing ends them and removes it. */
export interface DaemonHome extends AsyncDisposable {
  readonly folder: string;
  readonly mosaicHome: string;
  readonly env: Readonly<Record<string, string>>;
  /** Puts a file below MOSAIC_HOME, whole from the first moment. */
  write(path: string, text: string): Promise<void>;
  /** Writes over a file as many editors do: it is empty for a moment. */
  overwrite(path: string, text: string): Promise<void>;
  /** Starts a daemon that is expected not to stay, and answers with its end. */
  fails(role: DaemonRole, ...flags: string[]): Promise<ProgramEnd>;
  /** Starts a daemon and waits until it serves. */
  serves(role: DaemonRole, ...flags: string[]): Promise<RunningProgram & { readonly record: DaemonRecord }>;
  mosaic(...args: string[]): Promise<ProgramEnd>;
}

export interface DaemonHomeOptions {
  /** Path below the private folder. Default `mosaic`. */
  readonly name?: string;
  /** Default: none, so that the daemon's own start script is used. */
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the sources instead of the bundles. */
  readonly fromSource?: boolean;
}

/** Makes a private folder with an empty MOSAIC_HOME in it. */
export async function daemonHome(options: DaemonHomeOptions = {}): Promise<DaemonHome> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-home-"));
  const mosaicHome = join(folder, options.name ?? "mosaic");
  const env = { ...cleanEnvironment(folder), MOSAIC_HOME: mosaicHome, ...options.env };
  await mkdir(join(mosaicHome, "fleet/run"), { recursive: true, mode: 0o700 });
  const program = (path: string): [string, ...string[]] => [process.execPath, ...(options.nodeFlags ?? []), path];
  const argv = (role: DaemonRole): [string, ...string[]] =>
    program(join(PACKAGES, role, options.fromSource ? "src/main.ts" : `bin/mosaic-${role}.mjs`));
  const started: RunningProgram[] = [];
  return {
    folder,
    mosaicHome,
    env,
    write: async (path, text) => {
      await mkdir(dirname(join(mosaicHome, path)), { recursive: true });
      await writeFile(join(mosaicHome, `${path}.new`), text);
      await rename(join(mosaicHome, `${path}.new`), join(mosaicHome, path));
    },
    overwrite: (path, text) => writeFile(join(mosaicHome, path), text),
    fails: (role, ...flags) => runToEnd([...argv(role), ...flags], { env, timeoutMs: 20_000 }),
    async serves(role, ...flags) {
      const daemon = startProgram([...argv(role), ...flags], { env });
      started.push(daemon);
      let isGone = false;
      void daemon.ended.then(() => {
        isGone = true;
      });
      const record = await eventually(`mosaic-${role} serves`, async () => {
        if (isGone) throw new Error(`mosaic-${role} ended: ${daemon.stderr()}`);
        const found = await readRecord(join(mosaicHome, `fleet/run/${role}.json`));
        return found?.pid === daemon.pid && found;
      });
      return Object.assign(daemon, { record });
    },
    mosaic: (...args) =>
      runToEnd([...(options.fromSource ? program(join(PACKAGES, "cli/src/main.ts")) : MOSAIC), ...args], { env }),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((daemon) => daemon[Symbol.asyncDispose]()));
      await endProcesses([folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A roster of stub agents that nobody started, on a tmux socket that nobody serves. */
export function quietRoster(host: string, agents: readonly string[]): string {
  const head = [
    "version: 1",
    "transport: tmux",
    "tenant: team-a",
    `host: ${host}`,
    "tmux:",
    `  socket_name: mosaic-test-${process.pid}-none`,
  ];
  return `${[...head, "agents:", ...agents.map((name) => `  - name: ${name}\n    runtime: stub\n    class: worker`)].join("\n")}\n`;
}

async function readRecord(path: string): Promise<DaemonRecord | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DaemonRecord);
}

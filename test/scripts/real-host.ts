import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { type PrivateManager, privateManager } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { cleanEnvironment, MOSAIC } from "../mesh/demo-fleet.ts";
import { type ProgramEnd, runToEnd } from "../mesh/run-program.ts";

/** A user's account on this machine: a home with a blank in its name, a tmux of its own, and a systemd if it was asked for. */
export interface RealHost {
  /** The user's home. */
  readonly home: string;
  /** `MOSAIC_HOME`, below the home. */
  readonly mosaicHome: string;
  /** Where the user's units are. */
  readonly unitDirectory: string;
  readonly manager: PrivateManager | undefined;
  /** Runs `mosaic` to its end; words are separated by blanks.
   *  @param within a program, with its first arguments, that is to run it */
  mosaic(line: string, within?: readonly string[]): Promise<ProgramEnd>;
  /** The same with `--json`, parsed. */
  json<T>(line: string): Promise<T>;
  /** Runs tmux on the fleet's socket, and answers with its output. */
  tmux(...words: readonly string[]): string;
  /** Names of the live sessions on the fleet's socket, the holder's left out. */
  sessions(): readonly string[];
  /** Writes a roster whose agents do nothing, and leaves the rest as it is. @param agents YAML of their entries */
  writeRoster(agents: readonly string[]): Promise<void>;
  /** The actions in the audit log, oldest first. */
  audited(): Promise<readonly string[]>;
}

let hostCount = 0;

/** Makes such an account for one test, ended with it and with all that runs there. */
export async function realHost(context: TestContext, options: { readonly hasSystemd: boolean }): Promise<RealHost> {
  hostCount += 1;
  const socketName = `mosaic-test-${process.pid}-host${hostCount}`;
  const folder = await mkdtemp(join(tmpdir(), "mosaic-host-"));
  const home = join(folder, "a home");
  for (const place of ["sockets", "run"]) await mkdir(join(folder, place), { mode: 0o700 });
  await mkdir(join(home, "src"), { recursive: true });
  const manager = options.hasSystemd ? await privateManager(context) : undefined;
  await manager?.start();
  const mosaicHome = join(home, ".config/mosaic");
  const env = {
    ...cleanEnvironment(folder),
    HOME: home,
    TMUX_TMPDIR: join(folder, "sockets"),
    XDG_RUNTIME_DIR: manager?.runtimeDirectory ?? join(folder, "run"),
    ...(manager ? { XDG_CONFIG_HOME: dirname(dirname(manager.unitDirectory)) } : {}),
  };
  const tmux = (...words: readonly string[]) =>
    spawnSync("tmux", ["-L", socketName, "-f", "/dev/null", ...words], { env, encoding: "utf8" }).stdout.trim();
  const mosaic = (line: string, within: readonly string[] = []) => {
    const [program, ...args] = [...within, ...MOSAIC, ...line.split(" ").filter(Boolean)];
    return runToEnd([program ?? "", ...args], { env, cwd: home });
  };
  // Before the manager's own end, which else would wait for a holder that is started again and again.
  context.after(async () => {
    tmux("kill-server");
    await rm(folder, { recursive: true, force: true });
  });
  return {
    ...{ home, mosaicHome, manager, mosaic, tmux },
    unitDirectory: manager?.unitDirectory ?? join(home, ".config/systemd/user"),
    async json<T>(line: string) {
      const { stdout, stderr } = await mosaic(`${line} --json`);
      try {
        return JSON.parse(stdout) as T;
      } catch (cause) {
        throw new Error(`mosaic ${line} gave no JSON: ${stdout}${stderr}`, { cause });
      }
    },
    sessions: () =>
      tmux("list-panes", "-a", "-F", "#{pane_dead} #{session_name}")
        .split("\n")
        .filter((line) => line.startsWith("0 ") && line !== "0 _holder")
        .map((line) => line.slice(2))
        .sort(),
    async writeRoster(agents) {
      const head = `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\ntmux:\n  socket_name: ${socketName}\nagents:\n`;
      await mkdir(join(mosaicHome, "fleet"), { recursive: true, mode: 0o700 });
      await writeFile(join(mosaicHome, "fleet/roster.yaml"), head + agents.map((agent) => `  - ${agent}\n`).join(""));
    },
    async audited() {
      const text = await readFile(join(mosaicHome, "fleet/audit.jsonl"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { action: string }).action);
    },
  };
}

/** An entry of a roster whose program only sleeps. */
export function sleeper(name: string, more = ""): string {
  return `{ name: ${JSON.stringify(name)}, runtime: command, command: [sleep, "1000"]${more === "" ? "" : `, ${more}`} }`;
}

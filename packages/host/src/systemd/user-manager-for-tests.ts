import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@mosaic/core";
import { runProgram } from "../exec.ts";
import { socketAnswers } from "../local-socket.ts";
import { systemClock } from "../system-clock.ts";
import { connectSystemd } from "./connect-systemd.ts";

/** A signal for calls that nobody interrupts. */
export const never: AbortSignal = new AbortController().signal;

/** A private `systemd --user` for one test, ended with it and with all its units, seen through the code under test and around it. */
export interface PrivateManager {
  /** The manager's `XDG_RUNTIME_DIR`. */
  readonly runtimeDirectory: string;
  /** Its first own folder of unit files. */
  readonly unitDirectory: string;
  /** Starts the manager, which is not running yet, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it and every unit's processes at once. */
  kill(): Promise<void>;
  writeUnit(name: string, ...lines: readonly string[]): Promise<void>;
  /** Runs systemctl beside the code under test and answers with its output. */
  systemctl(...args: readonly string[]): Promise<string>;
  /** A connection of its own for each call. */
  connect(): ReturnType<typeof connectSystemd>;
}

/** Runs in a mount namespace of its own, where `/run` says that systemd is there and the cgroups are our own to divide. It is
 *  told what to do line by line, and ends with its input, so that nothing outlives the test process.
 *  $1: cgroup, $2: runtime folder, $3: home, $4: systemd. */
const SCRIPT = `
set -eu
trap '' PIPE
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
umount -R /sys/fs/cgroup 2>/dev/null || :
mount -t cgroup2 none /sys/fs/cgroup
cgroup="/sys/fs/cgroup/$1"
mkdir "$cgroup"
end_all() {
  echo 1 > "$cgroup/cgroup.kill"
  while grep -q 'populated 1' "$cgroup/cgroup.events"; do sleep 0.01; done
  wait
}
echo ready
while read -r word; do
  case $word in
    start)
      (echo 0 > "$cgroup/cgroup.procs"
      exec env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$3" XDG_CONFIG_HOME="$3/config" XDG_RUNTIME_DIR="$2" \\
        "$4" --user </dev/null >>"$3/manager.log" 2>&1) & ;;
    kill) end_all ;;
  esac
  echo "$word" 2>/dev/null || :
done
end_all
find "$cgroup" -depth -type d -exec rmdir {} \\;
rm -rf -- "$3"
`;

const namespaceProgram = "unshare";
const systemd = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"].find((path) => existsSync(path));
const argvOf = (name: string, runtimeDirectory: string, home: string) =>
  ["--mount", "--ipc", "sh", "-c", SCRIPT, "sh", name, runtimeDirectory, home, systemd ?? ""] as const;

/** Options of a test that needs a real user manager. */
export const needsSystemd = { skip: whyNot() ?? false, timeout: 120_000 };

function whyNot(): string | undefined {
  if (systemd === undefined) return "needs systemd (sudo apt install systemd)";
  if (process.getuid?.() !== 0) return "needs root";
  const trial = spawnSync(namespaceProgram, argvOf(`mosaic-test-${process.pid}-0`, "/nowhere", "/nowhere"), { input: "" });
  return trial.status === 0 ? undefined : "needs mount namespaces and cgroup v2";
}

let managerCount = 0;

export async function privateManager(context: TestContext): Promise<PrivateManager> {
  managerCount += 1;
  const home = await mkdtemp(join(tmpdir(), "mosaic-systemd-"));
  const runtimeDirectory = join(home, "run");
  const unitDirectory = join(home, "config/systemd/user");
  await mkdir(runtimeDirectory, { mode: 0o700 });
  await mkdir(unitDirectory, { recursive: true });
  const argv = argvOf(`mosaic-test-${process.pid}-${managerCount}`, runtimeDirectory, home);
  // Out of reach of a Ctrl-C, so that it lives to clean up.
  const keeper = spawn(namespaceProgram, argv, { detached: true });
  const tell = conversation(keeper);
  const connections: AsyncDisposable[] = [];
  context.after(async () => {
    await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
    const ended = new Promise((resolve) => keeper.once("close", resolve));
    keeper.stdin.end();
    await ended;
    await rm(home, { recursive: true, force: true });
  });
  await tell("", "ready");
  const socketPath = join(runtimeDirectory, "systemd/private");
  return {
    runtimeDirectory,
    unitDirectory,
    async start() {
      await tell("start\n", "start");
      await until("the manager answers", () => socketAnswers(socketPath, 1_000)).catch(async (error) => {
        throw new Error(`${error.message}; it says: ${await readFile(join(home, "manager.log"), "utf8")}`);
      });
    },
    kill: () => tell("kill\n", "kill"),
    writeUnit: (name, ...lines) => writeFile(join(unitDirectory, name), `${lines.join("\n")}\n`),
    async systemctl(...args) {
      const env = { PATH: process.env["PATH"] ?? "", XDG_RUNTIME_DIR: runtimeDirectory };
      const run = { env, timeoutMs: 20_000, maxOutputBytes: 1_000_000, signal: never };
      // Inside the namespace: where /run does not say that systemd is there, systemctl enables on its own and tells no manager.
      const argv = ["nsenter", "--mount", "--target", String(keeper.pid), "systemctl", "--user", ...args] as const;
      const { stdout, stderr } = await runProgram({ argv, ...run });
      return (stdout + stderr).trim();
    },
    connect() {
      const connection = connectSystemd({ clock: systemClock, log: silentLog, runtimeDirectory });
      connections.push(connection);
      return connection;
    },
  };
}

/** Says a line and waits for the answer; strictly one after the other. */
function conversation(keeper: ChildProcessWithoutNullStreams): (line: string, answer: string) => Promise<void> {
  let heard = "";
  let errors = "";
  keeper.stdout.setEncoding("utf8").on("data", (text) => {
    heard += text;
  });
  keeper.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  return async (line, answer) => {
    keeper.stdin.write(line);
    await until(`the keeper says "${answer}"`, () => {
      if (keeper.exitCode !== null) throw new Error(`the keeper of the manager ended: ${errors}`);
      return heard.includes(`${answer}\n`);
    });
    heard = "";
  };
}

/** Waits until a condition holds, and says what was awaited when it does not within 20 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > 20_000) throw new Error(`waited 20 s until ${what}`);
    await delay(10);
  }
}

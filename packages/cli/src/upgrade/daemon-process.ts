import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

/** How a daemon that systemd does not keep was started, as the kernel tells it. */
export interface DaemonProcess {
  readonly pid: number;
  /** Its command line without the Node and the script. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The file that it writes to; undefined: none, such as a terminal or a pipe. */
  readonly logPath: string | undefined;
  /** Why it is not ours to start anew; empty: it is. */
  readonly keptBy: string;
}

/** Looks at a daemon's process.
 *  @returns undefined when it is gone, another user's, or no daemon of ours */
export function readDaemonProcess(pid: number, role: "node" | "aggregator"): DaemonProcess | undefined {
  try {
    const flags = wordsOf(pid, role);
    if (!flags) return undefined;
    const target = readlinkSync(`/proc/${pid}/fd/1`);
    const isFile = target.startsWith("/") && !target.startsWith("/dev/") && !target.endsWith(" (deleted)");
    return {
      pid,
      flags,
      env: parseEnvironment(readFileSync(`/proc/${pid}/environ`, "utf8")),
      cwd: readlinkSync(`/proc/${pid}/cwd`),
      logPath: isFile ? target : undefined,
      keptBy: keptBy(pid, role),
    };
  } catch {
    // It is gone, or another user's: nothing can be told of it, and so nothing is done to it.
    return undefined;
  }
}

/** Finds this user's daemons of a home, whether they answer or not. */
export function findDaemons(role: "node" | "aggregator", mosaicHome: string): readonly DaemonProcess[] {
  const pids = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  return pids
    .filter((pid) => isDaemon(pid, role))
    .flatMap((pid) => readDaemonProcess(pid, role) ?? [])
    .filter((daemon) => isSameFolder(homeOf(daemon), mosaicHome));
}

// A launcher that waits for a newer Node has the same command line; its child is the daemon, and ends it when it ends.
function isDaemon(pid: number, role: "node" | "aggregator"): boolean {
  const parent = parentOf(pid);
  return wordsOf(pid, role) !== undefined && (parent === undefined || wordsOf(parent, role) === undefined);
}

function wordsOf(pid: number, role: "node" | "aggregator"): readonly string[] | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    const isDaemonScript = new RegExp(`(^|/)(mosaic-${role}(\\.mjs)?|${role}/src/(main|daemon)\\.ts)$`);
    // The Node, with perhaps a flag or two, and the script.
    const script = words.slice(0, MAX_SCRIPT_AT).findIndex((word) => isDaemonScript.test(word));
    return script < 0 ? undefined : words.slice(script + 1);
  } catch {
    // It is gone.
    return undefined;
  }
}

const MAX_SCRIPT_AT = 4;

function parentOf(pid: number): number | undefined {
  try {
    return Number(statFields(pid)[PARENT]);
  } catch {
    // It is gone.
    return undefined;
  }
}

function homeOf({ flags, env, cwd }: DaemonProcess): string {
  const at = flags.findLastIndex((word) => word === "--mosaic-home" || word.startsWith("--mosaic-home="));
  const flag = flags[at] === "--mosaic-home" ? flags[at + 1] : flags[at]?.slice("--mosaic-home=".length);
  const given = flag ?? env["MOSAIC_HOME"];
  return given === undefined ? `${env["HOME"] ?? ""}/.config/mosaic` : resolve(cwd, given);
}

function isSameFolder(one: string, other: string): boolean {
  try {
    return one === other || realpathSync(one) === realpathSync(other);
  } catch {
    // A folder that is gone is none but itself.
    return false;
  }
}

/** Names whoever keeps a process, so far as it can be told: a terminal, a container, or a service manager.
 *  @returns empty when nobody seems to: it runs by itself in the background */
function keptBy(pid: number, role: "node" | "aggregator"): string {
  const launcher = parentOf(pid);
  if (launcher !== undefined && wordsOf(launcher, role) !== undefined) return keptBy(launcher, role);
  if (pid === 1) return "it is the first process of a container";
  const fields = statFields(pid);
  if (Number(fields[TTY]) !== 0) return "it runs in a terminal";
  const unit = serviceOf(pid);
  if (unit !== undefined && unit !== serviceOf(process.pid)) return `${unit} keeps it`;
  const parent = Number(fields[PARENT]);
  if (parent > 1 && !/^(systemd|init|tini|dumb-init)$/.test(commandOf(parent)))
    return `process ${parent} (${commandOf(parent)}) keeps it`;
  return "";
}

/** As proc(5) counts them, less the two that stand before the end of the name. */
const PARENT = 4 - 3;
const TTY = 7 - 3;

function statFields(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}

// A login's processes are in a scope, and those of the user's own manager below user@.service.
function serviceOf(pid: number): string | undefined {
  const path = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n").at(-1) ?? "";
  const last = path.slice(path.lastIndexOf("/") + 1);
  return last.endsWith(".service") && !last.startsWith("user@") ? last : undefined;
}

function parseEnvironment(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\0").flatMap((entry) => {
      const end = entry.indexOf("=");
      return end > 0 ? [[entry.slice(0, end), entry.slice(end + 1)]] : [];
    }),
  );
}

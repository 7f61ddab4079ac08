import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";

/** A process that has something to do with a test. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Finds the living processes whose command line, environment or working directory names one of `marks`.
 *  Those that just ended, and those of other users, are not found. */
export function processesNaming(marks: readonly string[]): FoundProcess[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.flatMap((name) => {
    const command = read(name, "cmdline");
    const facts = [command, read(name, "environ"), workingDirectory(name)];
    const isNamed = facts.some((fact) => marks.some((mark) => fact.includes(mark)));
    return isNamed && !isDead(name) ? [{ pid: Number(name), command: command.replaceAll("\0", " ").trim() }] : [];
  });
}

/** Kills the processes that {@link processesNaming} finds, and waits until they are gone: for the end of a test that failed,
 *  where nothing else may be left to do it. */
export async function endProcesses(marks: readonly string[]): Promise<void> {
  await eventually("what is left of a test ends", () => {
    const found = processesNaming(marks);
    for (const { pid } of found) killIfThere(pid);
    return found.length === 0;
  });
}

/** The names in the folder of this user's tmux sockets that start with `prefix`. */
export function tmuxSockets(prefix: string): string[] {
  const folder = tmuxFolder();
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(prefix)) : [];
}

/** Where the sockets of this user's tmux servers are. */
export function tmuxFolder(): string {
  return join("/tmp", `tmux-${process.getuid?.() ?? 0}`);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself just now, which is what was wanted.
  }
}

function isDead(pid: string): boolean {
  const stat = read(pid, "stat");
  return stat === "" || /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended between two looks, or is another user's: nothing of this test's.
    return "";
  }
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // As above.
    return "";
  }
}

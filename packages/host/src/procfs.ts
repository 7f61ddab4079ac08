import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ProcessFacts, ProcessTable } from "@mosaic/core";

/** The kernel's process table as Linux shows it under `/proc`. On a system without one every process is unknown.
 *  Reads are synchronous: the kernel answers them from memory, and a row read in one go is of one process. */
export function procfsTable(root = "/proc"): ProcessTable {
  return {
    read: (pid) => readProcess(root, pid),
    childrenOf: (pid) => childPids(root, pid).flatMap((child) => readProcess(root, child) ?? []),
    startedUnixMs: ({ startTicks }) => {
      const uptimeS = Number.parseFloat(readText(`${root}/uptime`) ?? "");
      return Number.isNaN(uptimeS) ? undefined : Math.round(Date.now() - uptimeS * 1000 + startTicks * MS_PER_TICK);
    },
  };
}

function readProcess(root: string, pid: number): ProcessFacts | undefined {
  const stat = readStat(root, pid);
  if (stat === undefined || stat.state === "Z" || stat.state === "X") return undefined;
  return {
    pid,
    executable: readExecutable(root, pid),
    command: stat.command,
    arguments: readArguments(root, pid),
    startTicks: stat.startTicks,
  };
}

/** The kernel shows times in hundredths of a second to every program, whatever it counts in itself. */
const MS_PER_TICK = 10;

interface Stat {
  readonly command: string;
  readonly state: string;
  readonly parentPid: number;
  readonly startTicks: number;
}

function readStat(root: string, pid: number): Stat | undefined {
  const text = readText(`${root}/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name is in parentheses and may hold any character, so that only the last one ends it.
  const nameEnd = text.lastIndexOf(")");
  const command = text.slice(text.indexOf("(") + 1, nameEnd);
  // From here on proc(5) counts from field 3, the state.
  const fields = text.slice(nameEnd + 2).split(" ");
  const [state = "", parentPid = "0"] = fields;
  return { command, state, parentPid: Number(parentPid), startTicks: Number(fields[22 - 3] ?? "0") };
}

function readExecutable(root: string, pid: number): string {
  try {
    // A program that was upgraded while it runs is still that program.
    return readlinkSync(`${root}/${pid}/exe`).replace(/ \(deleted\)$/, "");
  } catch {
    // Another user's process, a kernel thread or a process that just ended: the port says empty.
    return "";
  }
}

function readArguments(root: string, pid: number): string[] {
  const text = readText(`${root}/${pid}/cmdline`) ?? "";
  return text === "" ? [] : text.replace(/\0$/, "").split("\0");
}

// The kernel lists children by the thread that forked them, so every thread is asked.
function childPids(root: string, pid: number): number[] {
  const threads = readNumbers(`${root}/${pid}/task`);
  const lists = threads.map((thread) => readText(`${root}/${pid}/task/${thread}/children`));
  if (lists.some((list) => list !== undefined)) return lists.flatMap(parseChildren);
  // A kernel built without CONFIG_PROC_CHILDREN: look for the parent in every process.
  return readNumbers(root).filter((candidate) => readStat(root, candidate)?.parentPid === pid);
}

function parseChildren(list: string | undefined): number[] {
  return (list ?? "").split(" ").flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : []));
}

function readNumbers(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    // The process is gone, or this system has no such table: nothing to list either way.
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone between two reads, or not ours to see: the process is unknown either way.
    return undefined;
  }
}

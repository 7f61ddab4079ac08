import { readFileSync } from "node:fs";

/** Says whether a process was stopped, by a signal (`kill -STOP`) or a key of its terminal: it is there, and does nothing until it is
 *  told to go on. False where the system does not tell, and for one that is gone. */
export function isStopped(pid: number, root = "/proc"): boolean {
  try {
    const stat = readFileSync(`${root}/${pid}/stat`, "utf8");
    // The name is in parentheses and may hold any character; behind it stands the state.
    return stat
      .slice(stat.lastIndexOf(")") + 1)
      .trimStart()
      .startsWith("T");
  } catch {
    // Gone, or not ours to see, or no such table: it can't be told to go on either way.
    return false;
  }
}

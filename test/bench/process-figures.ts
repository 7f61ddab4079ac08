import { readdirSync, readFileSync } from "node:fs";

/** What a process has used until now. */
export interface ProcessUse {
  /** Of all its threads, in ms. What other programs do on the machine does not count. */
  readonly cpuMs: number;
  readonly rssKiB: number;
}

/** Reads a process's use from /proc. @throws Error when it is gone */
export function processUse(pid: number): ProcessUse {
  const threads = readdirSync(`/proc/${pid}/task`);
  const runNs = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { cpuMs: runNs.reduce((sum, ns) => sum + ns, 0) / 1e6, rssKiB: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) };
}

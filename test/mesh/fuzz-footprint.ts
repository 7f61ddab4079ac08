import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { eventually } from "@mosaic/testkit";

/** A small heap, so that what is kept of each attempt ends the process, and what is only not collected yet is no growth. */
export const SMALL_HEAP = ["--max-old-space-size=96", "--max-semi-space-size=4"] as const;
/** What a process in such a heap may grow by and still be flat. */
const FLAT_KIB = 96 * 1024;

/** What a process holds. */
export interface Footprint {
  readonly rssKib: number;
  readonly files: number;
  /** Processor time that it had, in s. */
  readonly cpuS: number;
  readonly atMs: number;
}

/** Looks at what a process holds now. */
export function footprint(pid: number): Footprint {
  const rssKib = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const cpuS = (Number(fields[11]) + Number(fields[12])) / 100;
  return { rssKib, files: openFiles(pid), cpuS, atMs: performance.now() };
}

/** Waits until a process has let go of its connections, and holds it to what it held before.
 *  @param named what a failure names
 *  @returns figures for a report */
export async function assertFlat(pid: number, before: Footprint, named: string): Promise<object> {
  const seconds = Math.round((performance.now() - before.atMs) / 1000);
  // A session whose client is gone without a word is asked after 20 s, and let go of 10 s later.
  await eventually(`the connections end (${named})`, () => openFiles(pid) <= before.files + 4, 60_000).catch(
    (thrown: unknown) => {
      throw new Error(`${before.files} files before, and now: ${kindsOf(pid)}`, { cause: thrown });
    },
  );
  const { rssKib, cpuS } = footprint(pid);
  const grownKib = rssKib - before.rssKib;
  assert.ok(grownKib < FLAT_KIB, `${named}: it grew by ${grownKib} KiB`);
  return { seconds, cpu_s: Math.round(cpuS - before.cpuS), rss_before_kib: before.rssKib, grown_kib: grownKib };
}

/** What a process has open, by kind: `socket:[N] 12, …`. */
function kindsOf(pid: number): string {
  const counts = new Map<string, number>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    const kind = leadsTo(`/proc/${pid}/fd/${name}`).replaceAll(/\d+/g, "N");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(", ");
}

function leadsTo(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return "gone";
  }
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

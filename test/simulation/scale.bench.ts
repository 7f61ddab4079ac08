/** Cost per host of a simulated fleet with 8 agents each behind three levels of aggregators, all in one process, at 1,000 and at
 *  10,000 hosts: the same, if nothing grows faster than the fleet. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { report } from "../bench/figures.ts";
import type { ScaleFigures } from "./scale-fleet.ts";

const [small = 1000, large = 10_000] = process.argv.slice(2).map(Number);

function measure(hosts: number): ScaleFigures {
  const program = join(import.meta.dirname, "scale-fleet.ts");
  // One thread collects garbage, so that its time can be told from the work's.
  const args = ["--max-old-space-size=8192", "--single-threaded-gc", program, String(hosts)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 24 });
  if (status !== 0) throw new Error(`${hosts} hosts: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ScaleFigures;
}

const [few, many] = [measure(small), measure(large)];

function reportPerHost(what: string, unit: "ms" | "KiB", of: (figures: ScaleFigures) => number): void {
  report({
    name: `${what}, per host of ${large}`,
    value: of(many) / many.hosts,
    unit,
    n: 1,
    floor: { name: `the same of ${small}`, value: of(few) / few.hosts },
    goal: "within 20 % of the floor",
  });
}

for (const [phase, what] of [
  ["start", "from start to all of them shown at the top"],
  ["idle", "15 s in which nothing changes"],
  ["change", "one changed row, to all of them shown at the top"],
] as const) {
  reportPerHost(`CPU: ${what}`, "ms", (figures) => figures[phase].workMs);
  reportPerHost(`garbage collection besides: ${what}`, "ms", (figures) => figures[phase].garbageMs);
}
reportPerHost("memory: 8 agents, at its node, three aggregators and a watcher", "KiB", (figures) => figures.heapKiB);

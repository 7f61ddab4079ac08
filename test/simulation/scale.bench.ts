/** Cost per host of a simulated fleet with 8 agents each behind three levels of aggregators, all in one process, at 1,000 and at
 *  10,000 hosts: the same, if nothing grows faster than the fleet. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { report } from "../bench/figures.ts";
import type { ScaleFigures } from "./scale-fleet.ts";

const [small = 1000, large = 10_000] = process.argv.slice(2).map(Number);

function measure(hosts: number): ScaleFigures {
  const program = join(import.meta.dirname, "scale-fleet.ts");
  const args = ["--max-old-space-size=8192", program, String(hosts)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 24 });
  if (status !== 0) throw new Error(`${hosts} hosts: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ScaleFigures;
}

const [few, many] = [measure(small), measure(large)];
const perHost = (figures: ScaleFigures, of: "startCpuMs" | "idleCpuMs" | "changeCpuMs" | "heapKiB") =>
  figures[of] / figures.hosts;
for (const [of, what, unit] of [
  ["startCpuMs", "CPU per host from start to all of them shown at the top", "ms"],
  ["idleCpuMs", "CPU per host of 15 s in which nothing changes", "ms"],
  ["changeCpuMs", "CPU per host of one changed row, to all of them shown at the top", "ms"],
  ["heapKiB", "memory per host with 8 agents, node, three aggregators and a watcher", "KiB"],
] as const)
  report({
    name: `${what}, ${large} hosts`,
    value: perHost(many, of),
    unit,
    n: 1,
    floor: { name: `the same with ${small} hosts`, value: perHost(few, of) },
    goal: "within 20 % of the floor",
  });

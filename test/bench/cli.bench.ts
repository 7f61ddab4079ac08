/** What `mosaic --version`, and `mosaic fleet ps` against a running node on its Unix socket, take as whole processes, in turn with
 *  `node -e 0`: wall time, and processor time, which other work on the machine changes less. The node serves eight simulated agents,
 *  so that the figures are the CLI's and not tmux's. */
import { fork, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile, report, spreadOf } from "./figures.ts";

const RUNS = 40;
/** The first rounds warm the file cache. */
const WARM_ROUNDS = 2;
const home = mkdtempSync(join(tmpdir(), "mosaic-bench-"));
const socketDirectory = join(home, "fleet/run");
mkdirSync(socketDirectory, { recursive: true, mode: 0o700 });
const cli = join(import.meta.dirname, "../../packages/cli/bin/mosaic.mjs");
const BARE = "node -e 0";
const PROGRAMS: readonly { readonly name: string; readonly args: readonly string[]; readonly goal?: string }[] = [
  { name: BARE, args: ["-e", "0"] },
  { name: "mosaic --version", args: [cli, "--version"], goal: "within 1.3x" },
  { name: "mosaic fleet ps", args: [cli, "fleet", "ps"], goal: "within 2x" },
];

/** Processor time of all children that ended, in ms; Linux counts in steps of 10 ms, which the sum over many runs evens out. */
function childrenCpuMs(): number {
  const [, ...fields] = (readFileSync("/proc/self/stat", "utf8").split(") ")[1] ?? "").split(" ");
  return (Number(fields[12]) + Number(fields[13])) * 10;
}

function run(args: readonly string[]): { wallMs: number; cpuMs: number } {
  const before = { atMs: performance.now(), cpuMs: childrenCpuMs() };
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { PATH: process.env["PATH"], HOME: home, MOSAIC_HOME: home, NO_COLOR: "1" },
  });
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
  return { wallMs: performance.now() - before.atMs, cpuMs: childrenCpuMs() - before.cpuMs };
}

const server = fork(new URL("./cli-server.ts", import.meta.url), [join(socketDirectory, "node.sock")]);
try {
  await new Promise((resolve) => server.once("message", resolve));
  const taken = new Map(PROGRAMS.map(({ name }) => [name, { wall: [] as number[], cpuMs: 0 }]));
  for (let round = 0; round < RUNS + WARM_ROUNDS; round += 1) {
    for (const { name, args } of PROGRAMS) {
      const { wallMs, cpuMs } = run(args);
      const figures = taken.get(name);
      if (figures === undefined || round < WARM_ROUNDS) continue;
      figures.wall.push(wallMs);
      figures.cpuMs += cpuMs;
    }
  }
  const bare = taken.get(BARE);
  for (const { name, goal } of PROGRAMS) {
    const figures = taken.get(name);
    if (goal === undefined || figures === undefined || bare === undefined) continue;
    const whole = { unit: "ms", n: RUNS, goal } as const;
    const wall = percentile(figures.wall, 0.5);
    const floor = (value: number) => ({ floor: { name: BARE, value } });
    report({
      ...whole,
      ...floor(percentile(bare.wall, 0.5)),
      name: `${name}, wall`,
      value: wall,
      spread: spreadOf(figures.wall),
    });
    report({ ...whole, ...floor(bare.cpuMs / RUNS), name: `${name}, processor`, value: figures.cpuMs / RUNS });
  }
} finally {
  server.kill();
  rmSync(home, { recursive: true, force: true });
}
process.exit(0);

/** Wall time of `mosaic fleet ps` against a running node on its Unix socket, in turn with `node -e 0`. The node serves eight simulated
 *  agents, so that the figure is the CLI's and not tmux's. */
import { fork, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile, report, spreadOf } from "./figures.ts";

const RUNS = 25;
const home = mkdtempSync(join(tmpdir(), "mosaic-bench-"));
const socketDirectory = join(home, "fleet/run");
mkdirSync(socketDirectory, { recursive: true, mode: 0o700 });
const cli = join(import.meta.dirname, "../../packages/cli/bin/mosaic.mjs");
const server = fork(new URL("./cli-server.ts", import.meta.url), [join(socketDirectory, "node.sock")]);
try {
  await new Promise((resolve) => server.once("message", resolve));
  const run = (args: readonly string[]): number => {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: { PATH: process.env["PATH"], HOME: home, MOSAIC_HOME: home, NO_COLOR: "1" },
    });
    if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
    return performance.now() - startMs;
  };
  const ps: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < RUNS + 2; round += 1) {
    bare.push(run(["-e", "0"]));
    ps.push(run([cli, "fleet", "ps"]));
  }
  // The first two rounds warm the file cache.
  const samples = ps.slice(2);
  report({
    name: "mosaic fleet ps, whole process",
    value: percentile(samples, 0.5),
    unit: "ms",
    n: samples.length,
    spread: spreadOf(samples),
    floor: { name: "node -e 0", value: percentile(bare.slice(2), 0.5) },
    goal: "within 2x",
  });
} finally {
  server.kill();
  rmSync(home, { recursive: true, force: true });
}
process.exit(0);

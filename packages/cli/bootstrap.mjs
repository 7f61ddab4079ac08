/** Runs one of the project's jobs from a bare clone, with nothing but a stock Node (18 or newer) and npm:
 *  `node packages/cli/bootstrap.mjs <job> [argument…]`. Installs what is missing, moves to the Node that came with it,
 *  builds what is stale, and runs the job in this very process. Talks on stderr only: stdout belongs to the job. */
import { existsSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isNodeNewEnough, rerunOnNewerNode } from "./bin/launch.mjs";
import { withLock } from "./tools/exclusive-lock.mjs";
import { installIfNeeded } from "./tools/install-packages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each job runs, and whether the bundles must be up to date first. */
const jobs = {
  start: { script: "packages/cli/dist/mosaic.mjs", before: ["demo", "run"], isBuildNeeded: true },
  mosaic: { script: "packages/cli/dist/mosaic.mjs", isBuildNeeded: true },
  test: { script: "test/tools/run-tests.ts", isBuildNeeded: true },
  bench: { script: "test/bench/run-bench.ts", isBuildNeeded: true },
  lab: { script: "test/lab/run-lab.ts" },
  sim: { script: "test/bench/run-sim.ts", isBuildNeeded: true },
  check: { script: "test/tools/check.ts" },
  pack: { script: "packages/cli/tools/pack.ts" },
  release: { script: "packages/cli/tools/release.ts" },
  generate: { script: "test/tools/generate.ts" },
  build: { isBuildNeeded: true },
};

const script = await prepare(process.argv[2], process.argv.slice(3)).catch((error) => {
  process.stderr.write(`mosaic: ${error.message}\n`);
  process.exit(1);
});
if (script !== undefined) await import(pathToFileURL(script).href);

/** Makes everything ready for a job.
 *  @returns {Promise<string | undefined>} the script to import, if the job has one; `process.argv` is then as it expects. */
async function prepare(name, args) {
  const job = Object.hasOwn(jobs, name ?? "") ? jobs[name] : undefined;
  if (job === undefined) {
    process.stderr.write(`mosaic: no such job: ${name ?? "(none)"}\nhint: one of ${Object.keys(jobs).join(", ")}\n`);
    process.exit(2);
  }
  await installIfNeeded(root, say);
  if (!isNodeNewEnough()) await rerunOnNewerNode(root, process.argv.slice(1));
  useInstalledTools();
  // Unit tests read no bundle, so they need not wait for one.
  if (job.isBuildNeeded && !(name === "test" && args.includes("--unit"))) await buildIfStale(name === "build");
  if (job.script === undefined) return undefined;
  const path = join(root, job.script);
  if (!existsSync(path)) throw new Error(`cannot run ${job.script}: there is no such file in this clone`);
  process.argv = [process.execPath, path, ...(job.before ?? []), ...args];
  return path;
}

async function buildIfStale(isAskedFor) {
  const { isBuildFresh } = await import("./tools/build-stamp.ts");
  const onWait = (owner) => say(`waiting for another build (${owner})`);
  if (isBuildFresh(root)) {
    if (isAskedFor) say("the build is up to date");
    return;
  }
  await withLock(join(root, ".cache", "build.lock"), onWait, async () => {
    if (isBuildFresh(root)) return;
    const { build } = await import("./tools/build.ts");
    const { durationMs, outputDir } = await build(root);
    say(`built ${relative(root, outputDir)} in ${(durationMs / 1000).toFixed(1)} s`);
  });
}

/** Jobs find the tools of this clone by name, also when they weren't started by npm, which does the same. */
function useInstalledTools() {
  const bin = join(root, "node_modules", ".bin");
  const path = process.env.PATH ?? "";
  if (!path.split(delimiter).includes(bin)) process.env.PATH = `${bin}${delimiter}${path}`;
}

function say(line) {
  process.stderr.write(`mosaic: ${line}\n`);
}

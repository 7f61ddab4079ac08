/** Finds a real Prometheus. By hand: `node test/observability/find-prometheus.ts`. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { runToEnd } from "../mesh/run-program.ts";
import { quietEnvironment } from "./quiet-environment.ts";

const folder = join(import.meta.dirname, "../../.cache/prometheus");

/** A folder with the programs `prometheus` and `promtool`, or why there is none here. */
export type FoundPrometheus = { readonly bin: string } | { readonly missing: string };

/** Finds Prometheus on the PATH, else in `.cache/prometheus`, where Debian's package is unpacked when it is not there:
 *  unpacked and not installed, because an installed one starts as a service. One process unpacks, others wait for it.
 *  @returns never an error: what stood in the way, for the name of a skipped test */
export async function findPrometheus(): Promise<FoundPrometheus> {
  const installed = (process.env["PATH"] ?? "").split(delimiter).find(hasBoth);
  if (installed) return { bin: installed };
  const unpacked = join(folder, "usr/bin");
  try {
    await mkdir(join(folder, ".."), { recursive: true });
    await withLock(`${folder}.lock`, say, async () => {
      if (!hasBoth(unpacked)) await unpack();
    });
    return { bin: unpacked };
  } catch (thrown) {
    return { missing: `needs Prometheus: apt-get install prometheus (${thrown instanceof Error ? thrown.message : thrown})` };
  }
}

const { withLock } = createRequire(import.meta.url)("../../packages/cli/tools/exclusive-lock.mjs") as {
  withLock(path: string, onWait: (owner: string) => void, work: () => Promise<void>): Promise<void>;
};

function hasBoth(bin: string): boolean {
  return ["prometheus", "promtool"].every((program) => existsSync(join(bin, program)));
}

async function unpack(): Promise<void> {
  say("unpacks Debian's package");
  const temporary = `${folder}.new`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const download = () => run(["apt-get", "download", "-qq", "prometheus"], temporary);
  await download().catch(async () => {
    // The lists of a bare machine are empty, or so old that what they name is gone.
    await run(["apt-get", "update", "-qq"], temporary);
    await download();
  });
  const [archive = ""] = (await readdir(temporary)).filter((name) => name.endsWith(".deb"));
  await run(["dpkg-deb", "--extract", archive, "."], temporary);
  await rm(join(temporary, archive));
  await rm(folder, { recursive: true, force: true });
  await rename(temporary, folder);
}

async function run(argv: readonly [string, ...string[]], cwd: string): Promise<void> {
  const end = await runToEnd(argv, { cwd, env: quietEnvironment(), timeoutMs: 120_000 });
  if (end.exitCode === 0) return;
  throw new Error(`${argv.slice(0, 2).join(" ")} failed: ${end.stderr.trim().split("\n").at(-1)?.slice(0, 200)}`);
}

function say(line: string): void {
  process.stderr.write(`prometheus: ${line}\n`);
}

if (import.meta.main) {
  const found = await findPrometheus();
  say("missing" in found ? found.missing : `it is in ${found.bin}`);
  process.exitCode = "missing" in found ? 1 : 0;
}

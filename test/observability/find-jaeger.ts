/** Builds Jaeger from its Go module into `.cache/jaeger`. By hand: `node test/observability/find-jaeger.ts`. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runToEnd } from "../mesh/run-program.ts";

const folder = join(import.meta.dirname, "../../.cache/jaeger");
const MODULE = "github.com/jaegertracing/jaeger";
/** The last one of line 1: its `all-in-one` needs no configuration file. */
const VERSION = "v1.76.0";
const binary = join(folder, `all-in-one-${VERSION}`);
/** 730 packages and a cold cache, on a small machine that does other things besides. */
const BUILD_TIMEOUT_MS = 900_000;

/** A Jaeger that can be started, or why there is none here. */
export type FoundJaeger = { readonly binary: string } | { readonly missing: string };

/** Finds Jaeger: MOSAIC_JAEGER where it is set, else what was built into `.cache/jaeger`; with MOSAIC_TEST_JAEGER=1 it is built when it
 *  is not there. One process builds, others wait for it.
 *  @returns never an error: what stood in the way, for the name of a skipped test */
export async function findJaeger(isWanted = process.env["MOSAIC_TEST_JAEGER"] === "1"): Promise<FoundJaeger> {
  const named = process.env["MOSAIC_JAEGER"];
  if (named) return { binary: named };
  if (existsSync(binary)) return { binary };
  if (!isWanted) return { missing: "MOSAIC_TEST_JAEGER=1 builds Jaeger for it, with Go: minutes" };
  try {
    await mkdir(folder, { recursive: true });
    await withLock(`${folder}.lock`, say, async () => {
      if (!existsSync(binary)) await build();
    });
    return { binary };
  } catch (thrown) {
    return { missing: `Jaeger can't be built: ${thrown instanceof Error ? thrown.message : thrown}` };
  }
}

const { withLock } = createRequire(import.meta.url)("../../packages/cli/tools/exclusive-lock.mjs") as {
  withLock(path: string, onWait: (owner: string) => void, work: () => Promise<void>): Promise<void>;
};

// Its module replaces one of its own dependencies, so that `go install` does not take it: it is built where it was unpacked.
async function build(): Promise<void> {
  say(`go builds Jaeger ${VERSION}`);
  const source = join(folder, "source");
  await writeFile(join(folder, "go.mod"), "module mosaic/jaeger-builder\n\ngo 1.24\n");
  const { Dir: unpacked } = JSON.parse(await run(["go", "mod", "download", "-json", `${MODULE}@${VERSION}`], folder)) as {
    Dir: string;
  };
  await rm(source, { recursive: true, force: true });
  await run(["cp", "-r", "--no-preserve=mode", unpacked, source], folder);
  const factory = join(source, "internal/storage/v1/factory/factory.go");
  await writeFile(factory, withMemoryOnly(await readFile(factory, "utf8")));
  await run(["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", `${binary}.new`, "./cmd/all-in-one"], source);
  await rename(`${binary}.new`, binary);
  await rm(source, { recursive: true, force: true });
}

/** Stores that are left out, by the name that the source gives them: their clients are more than half of what there is to compile. */
const STORES = { cassandra: "cassandra", es: "elasticsearch", kafka: "kafka", badger: "badger", grpc: "grpc" };

function withMemoryOnly(factory: string): string {
  return Object.entries(STORES).reduce(
    (text, [name, path]) =>
      text
        .replace(new RegExp(`^\\t(?:${name} )?"${MODULE}/internal/storage/v1/${path}"\\n`, "m"), "")
        .replace(new RegExp(`^\\tcase [^\\n]+:\\n\\t\\treturn ${name}\\.[^\\n]+\\n`, "gm"), ""),
    factory,
  );
}

async function run(argv: readonly [string, ...string[]], cwd: string): Promise<string> {
  const own = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const end = await runToEnd(argv, { cwd, env: { ...Object.fromEntries(own), CGO_ENABLED: "0" }, timeoutMs: BUILD_TIMEOUT_MS });
  if (end.exitCode === 0) return end.stdout;
  throw new Error(`${argv.slice(0, 2).join(" ")} failed: ${end.stderr.trim().split("\n").slice(-3).join("; ").slice(0, 300)}`);
}

function say(line: string): void {
  process.stderr.write(`jaeger: ${line}\n`);
}

if (import.meta.main) {
  const found = await findJaeger(true);
  say("missing" in found ? found.missing : `it is ${found.binary}`);
  process.exitCode = "missing" in found ? 1 : 0;
}

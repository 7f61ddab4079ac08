/** What a single file runs first: unpacks the programs where needed, and runs the one that is asked for. Bundled as CommonJS, which is
 *  all that Node 24 takes here. */
import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { getAsset, getRawAsset } from "node:sea";
import { pathToFileURL } from "node:url";
import type { ArchiveIndex } from "./single-file-archive.ts";
import { CacheRefused, unpackedFolder } from "./single-file-cache.ts";
import { programOf } from "./single-file-program.ts";

void start();

async function start(): Promise<void> {
  const { program, args } = programOf(process.argv0, process.argv.slice(2));
  if (program.kind === "script") return await run(program.path, args);
  let folder: string;
  try {
    folder = unpackedFolder(JSON.parse(getAsset("index", "utf8")) as ArchiveIndex, readContent, {
      env: process.env,
      userId: process.getuid?.() ?? 0,
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8"),
      nowUnixMs: Date.now(),
    });
  } catch (thrown) {
    if (!(thrown instanceof CacheRefused)) throw thrown;
    process.stderr.write(`${program.name}: ${thrown.message}\nhint: ${thrown.hint}\n`);
    process.exit(1);
  }
  // For commands, which are over before it matters: a daemon would hold it for ever. Unless the environment names one of its own.
  if (program.name === "mosaic" && !process.env["NODE_COMPILE_CACHE"]) enableCompileCache(`${folder}/.compiled`);
  await run(`${folder}/dist/${program.name}.mjs`, args);
}

function readContent(): Uint8Array {
  return new Uint8Array(getRawAsset("content") as ArrayBuffer);
}

async function run(path: string, args: readonly string[]): Promise<void> {
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}

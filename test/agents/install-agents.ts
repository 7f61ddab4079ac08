/** Installs the real agents, at the versions of programs/package.json, into `.cache/agents`: about 1.2 GB and a minute.
 *  By hand: `node test/agents/install-agents.ts`. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runToEnd } from "../mesh/run-program.ts";

const root = join(import.meta.dirname, "../..");
const manifest = join(import.meta.dirname, "programs");

/** The real agents, or why there are none here. */
export type FoundAgents = { readonly bin: string } | { readonly missing: string };

/** Finds the folder with the programs `claude`, `codex`, `opencode` and `pi`: MOSAIC_AGENTS_BIN where it is set, else
 *  `.cache/agents`, into which npm installs them when they are not there. One process installs, others wait for it.
 *  @returns never an error: what stood in the way, for the name of a skipped test */
export async function findAgents(): Promise<FoundAgents> {
  const named = process.env["MOSAIC_AGENTS_BIN"];
  if (named) return { bin: named };
  const folder = join(root, ".cache/agents");
  try {
    await withLock(`${folder}.lock`, say, () => installInto(folder));
    return { bin: join(folder, "node_modules/.bin") };
  } catch (thrown) {
    return { missing: `the agents can't be installed: ${thrown instanceof Error ? thrown.message : thrown}` };
  }
}

const { withLock } = createRequire(import.meta.url)("../../packages/cli/tools/exclusive-lock.mjs") as {
  withLock(path: string, onWait: (owner: string) => void, work: () => Promise<void>): Promise<void>;
};

async function installInto(folder: string): Promise<void> {
  const wanted = `${process.platform} ${process.arch}\n${await readFile(join(manifest, "package-lock.json"), "utf8")}`;
  const stamp = join(folder, "installed-from");
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return;
  say("npm installs the real agents");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(manifest, folder, { recursive: true });
  // With scripts: claude and opencode put their native program in place by one.
  const argv = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"] as const;
  const end = await runToEnd(argv, { cwd: folder, env: inheritedEnvironment(), timeoutMs: 400_000 });
  if (end.exitCode !== 0) throw new Error(`npm ci failed: ${end.stderr.trim().split("\n", 3).join("; ").slice(0, 300)}`);
  await writeFile(stamp, wanted);
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function say(line: string): void {
  process.stderr.write(`agents: ${line}\n`);
}

if (import.meta.main) {
  const found = await findAgents();
  say("missing" in found ? found.missing : `they are in ${found.bin}`);
  process.exitCode = "missing" in found ? 1 : 0;
}

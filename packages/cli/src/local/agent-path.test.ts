import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { memoryIo } from "../io/memory-io.ts";
import { agentPath } from "./agent-path.ts";

const home = mkdtempSync(join(tmpdir(), "mosaic-agent-path-"));
after(() => rmSync(home, { recursive: true, force: true }));
for (const folder of [".local/bin", "npm/bin", "npm2/bin", "own"]) mkdirSync(join(home, folder), { recursive: true });

const pathFor = (env: Record<string, string>) => agentPath(memoryIo({ env: { HOME: home, ...env } }));

test("a detached pane has the system's path and not the shell's", async () => {
  assert.equal(await pathFor({ PATH: "/shell/only" }), `${home}/.local/bin:/usr/local/bin:/usr/bin:/bin`);
});

test("npm's prefix is taken from the environment, else from ~/.npmrc", async () => {
  const first = async (env: Record<string, string>) => (await pathFor(env)).split(":")[0];
  writeFileSync(join(home, ".npmrc"), '; prefix=/no\nregistry=x\n prefix = "$' + '{HOME}/npm2" \n');
  assert.equal(await first({}), `${home}/npm2/bin`);
  assert.equal(await first({ NPM_CONFIG_PREFIX: `${home}/npm` }), `${home}/npm/bin`);
  assert.equal(await first({ npm_config_prefix: `${home}/npm`, NPM_CONFIG_PREFIX: "/other" }), `${home}/npm/bin`);
  writeFileSync(join(home, ".npmrc"), "prefix=~/npm");
  assert.equal(await first({}), `${home}/npm/bin`);
  rmSync(join(home, ".npmrc"));
  assert.equal(await first({}), `${home}/.local/bin`);
});

test("MOSAIC_AGENT_PATH goes before everything, and what is not there is left out", async () => {
  const path = await pathFor({ MOSAIC_AGENT_PATH: `${home}/own:/nowhere`, npm_config_prefix: `${home}/npm` });
  assert.ok(path.startsWith(`${home}/own:${home}/npm/bin:${home}/.local/bin:/usr/local`), path);
});

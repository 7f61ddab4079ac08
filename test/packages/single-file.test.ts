/** The one file that holds Node and all programs, alone on a machine that has neither. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { singleFileName } from "../../packages/cli/tools/single-file.ts";
import { needsSystemd, privateManager } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { endProcesses, processesNaming } from "../mesh/leftovers.ts";
import { type ProgramEnd, runToEnd } from "../mesh/run-program.ts";
import { type TemporaryFolder, temporaryFolder } from "../tools/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const version = "7.6.5";

let place: TemporaryFolder;
let program: string;
let env: Record<string, string>;
let rehearsal: ProgramEnd;
let sums: string;

before(async () => {
  place = temporaryFolder();
  const [out, alone, tools, home] = ["out", "alone", "tools", "home"].map((name) => join(place.path, name)) as [
    ...[string, string, string, string],
  ];
  for (const path of [alone, tools, home]) mkdirSync(path);
  const options = ["--dry-run", "--version", version, "--out", out];
  rehearsal = await runToEnd([process.execPath, join(root, "packages/cli/tools/release.ts"), ...options], {
    env: process.env as Record<string, string>,
  });
  const folder = join(out, `mosaic-fleet-${version}`);
  assert.ok(existsSync(folder), rehearsal.stderr);
  sums = readFileSync(join(folder, "SHA256SUMS"), "utf8");
  program = join(alone, "mosaic");
  copyFileSync(join(folder, singleFileName(version)), program);
  rmSync(out, { recursive: true });
  linkToolsButNode(tools);
  env = { PATH: tools, HOME: home, TMPDIR: place.path, LANG: "C.UTF-8", NO_COLOR: "1" };
});

after(async () => {
  await endProcesses([place.path]);
  place[Symbol.dispose]();
});

describe("the rehearsal of a release", () => {
  test("makes the single file of this machine, and its checksum", () => {
    assert.match(sums, new RegExp(`^[0-9a-f]{64}  ${singleFileName(version)}$`, "m"));
    assert.match(rehearsal.stdout, /\nNothing was published\.\n/);
  });

  test("passes against the golden baseline: nothing is gone, and nothing grew by more than a tenth", () => {
    assert.equal(rehearsal.exitCode, 0, rehearsal.stdout + rehearsal.stderr);
    assert.match(rehearsal.stdout, /^PASS against test\/packages\/golden\/release\.json/m);
  });
});

describe("a single file, alone in a folder, on a machine without Node", () => {
  test("says its version, and that of each daemon by a link of that name or as its first word", async (t) => {
    t.diagnostic(`${statSync(program).size} bytes`);
    assert.equal(existsSync(join(place.path, "tools/node")), false);
    assert.equal((await answer(["--version"])).stdout, `mosaic ${version}\n`);
    for (const daemon of ["mosaic-node", "mosaic-aggregator"]) {
      const link = join(place.path, daemon);
      symlinkSync(program, link);
      assert.equal((await answer(["--version"], link)).stdout, `${daemon} ${version}\n`);
      assert.equal((await answer([daemon, "--version"])).stdout, `${daemon} ${version}\n`);
    }
  });

  test("helps, and writes its files for this user alone below the cache folder", async () => {
    assert.match((await answer(["--help"])).stdout, /^mosaic: fleets of always-on coding agents[\s\S]*Commands:/);
    const cache = join(env["HOME"] ?? "", ".cache/mosaic");
    const [name = "", ...more] = readdirSync(cache);
    assert.match(name, new RegExp(`^${version}-[0-9a-f]{16}$`));
    assert.deepEqual([more, statSync(join(cache, name)).mode & 0o777], [[], 0o700]);
  });

  test("runs a demo of three hosts in real tmux, and leaves nothing running", async () => {
    const { stdout } = await answer(["demo", "run", "--once", "--json"]);
    const { complete, hosts, items } = JSON.parse(stdout) as { complete: boolean; hosts: unknown[]; items: unknown[] };
    assert.deepEqual([complete, hosts.length, items.length], [true, 3, 9]);
    assert.deepEqual(processesNaming([place.path]), []);
  });

  test("lets the doctor look at the host", async () => {
    const end = await runToEnd([program, "doctor", "--json"], { env });
    assert.equal(JSON.parse(end.stdout).schema, "mosaic.doctor/1", end.stderr);
  });

  test("mends what it unpacked when files of it are gone or of another size", async () => {
    const cache = join(env["HOME"] ?? "", ".cache/mosaic");
    const folder = join(cache, readdirSync(cache)[0] ?? "");
    rmSync(join(folder, "framework"), { recursive: true });
    writeFileSync(join(folder, "dist/mosaic.mjs"), "");
    assert.match((await answer(["fleet", "init", "--profile", "minimal"])).stdout, /^version: 1$/m);
    assert.deepEqual(readdirSync(cache).length, 1);
  });

  test("installs units that need neither what it unpacked nor a link", needsSystemd, async (t) => {
    const manager = await privateManager(t);
    await manager.start();
    const home = join(place.path, "durable");
    const config = join(manager.unitDirectory, "../..");
    const site = { MOSAIC_HOME: home, XDG_RUNTIME_DIR: manager.runtimeDirectory, XDG_CONFIG_HOME: config };
    await answer(["fleet", "init", "--profile", "minimal", "--write"], program, site);
    await answer(["fleet", "install-systemd"], program, site);
    const unit = readFileSync(join(manager.unitDirectory, "mosaic-node.service"), "utf8");
    assert.match(unit, new RegExp(`^ExecStart="${program}" "mosaic-node" "--`, "m"));
    rmSync(join(env["HOME"] ?? "", ".cache"), { recursive: true });
    await manager.systemctl("start", "mosaic-node");
    await eventually("the node serves", () => existsSync(join(home, "fleet/run/node.json")));
    await manager.kill();
  });
});

async function answer(args: readonly string[], file = program, more: Readonly<Record<string, string>> = {}) {
  const end = await runToEnd([file, ...args], { env: { ...env, ...more }, cwd: place.path });
  assert.equal(end.exitCode, 0, `${args.join(" ")}: ${end.stderr}`);
  return end;
}

/** The programs of the system, by links, but no Node. */
function linkToolsButNode(tools: string): void {
  const isNode = (name: string) => /^(node|nodejs|npm|npx|corepack)$/.test(name);
  for (const folder of ["/usr/local/bin", "/usr/bin", "/bin"].filter((each) => existsSync(each))) {
    for (const name of readdirSync(folder)) {
      if (!isNode(name) && !existsSync(join(tools, name))) symlinkSync(join(folder, name), join(tools, name));
    }
  }
}

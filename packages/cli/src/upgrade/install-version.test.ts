import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type RunTool, runTool } from "../local/run-tool.ts";
import { installVersion, type PackageToInstall } from "./install-version.ts";
import type { InstallWorld } from "./install-world.ts";
import { readInstalled } from "./installed-record.ts";
import { currentVersion, type Layout, layoutAt, linkedPrevious, versionFolder, versionNames } from "./layout.ts";
import { pruneVersions } from "./prune-versions.ts";
import { linkCommands, switchTo, wayBack } from "./switch-version.ts";

const NOW = "2026-01-01T00:00:00.000Z";

interface Site {
  readonly layout: Layout;
  readonly world: InstallWorld;
  /** A package of programs that only know their version. */
  make(version: string, says?: string): PackageToInstall;
}

/** Copies as the machine does, and lets programs say what they would print: to start them takes a while. */
const sayingTool: RunTool = async (run) => {
  if (run.argv[0] === "cp") return await runTool(run);
  const said = /"(.*)"/.exec(readFileSync(run.argv[1] ?? "", "utf8"))?.[1] ?? "";
  return { stdout: `${said}\n`, stderr: "", exitCode: 0 };
};

/** What stands for a tarball is a folder here. */
const copied: RunTool = (run) => runTool({ ...run, argv: ["cp", "-a", `${run.argv[2] ?? ""}/.`, run.argv.at(-1) ?? ""] });

function site(t: TestContext, tool: RunTool = sayingTool): Site {
  const root = mkdtempSync(join(tmpdir(), "mosaic-versions-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const layout = layoutAt(join(root, "share/mosaic"), join(root, "bin"));
  mkdirSync(layout.versionsFolder, { recursive: true });
  const world = { layout, runTool: tool, env: process.env, signal: new AbortController().signal, say: () => {} };
  const make = (version: string, says = version): PackageToInstall => {
    const path = join(root, `package-${version}`);
    mkdirSync(join(path, "bin"), { recursive: true });
    writeFileSync(join(path, "package.json"), JSON.stringify({ name: "mosaic-fleet", version }));
    for (const program of ["mosaic", "mosaic-node", "mosaic-aggregator"])
      writeFileSync(join(path, "bin", `${program}.mjs`), `console.log("${program} ${says}");\n`);
    return { kind: "folder", path, version, sha256: "", verified: "nobody", source: path };
  };
  return { layout, world, make };
}

async function install({ world, make }: Site, ...versions: string[]): Promise<void> {
  for (const [index, version] of versions.entries())
    await installVersion(world, make(version), `2026-01-0${index + 1}T00:00:00.000Z`);
}

test("a version is laid out as npm lays out a prefix, and is there only when it is whole", async (t) => {
  const here = site(t);
  assert.equal(await installVersion(here.world, here.make("1.0.0"), NOW), true);
  assert.deepEqual(versionNames(here.layout), ["1.0.0"]);
  assert.equal(readInstalled(here.layout, "1.0.0")?.installed_at, NOW);
  assert.match(readFileSync(join(versionFolder(here.layout, "1.0.0"), "bin/mosaic"), "utf8"), /mosaic 1\.0\.0/);
  assert.equal(await installVersion(here.world, here.make("1.0.0"), NOW), false);
});

test("a package that does not run, or is of another version than it says, leaves nothing", async (t) => {
  const here = site(t);
  await assert.rejects(installVersion(here.world, here.make("1.0.0", "9.9.9"), NOW), {
    code: "INCOMPATIBLE",
    message: 'cannot install 1.0.0, and nothing has changed: its mosaic does not run here: it says "mosaic 9.9.9"',
  });
  assert.deepEqual(readdirSync(here.layout.versionsFolder), []);
});

test("other bytes under the name of a version that is in use are refused, of one that is not they take its place", async (t) => {
  const here = site(t);
  const folder = (sha256: string) => ({ ...here.make("1.0.0"), kind: "tarball", sha256 }) as const;
  const world: InstallWorld = { ...here.world, runTool: (run) => (run.argv[0] === "tar" ? copied(run) : sayingTool(run)) };
  await installVersion(world, folder("a"), NOW);
  assert.equal(await installVersion(world, folder("b"), NOW), true);
  assert.equal(readInstalled(here.layout, "1.0.0")?.sha256, "b");
  await switchTo(here.layout, { kind: "version", version: "1.0.0" }, undefined);
  assert.equal(await installVersion(world, folder("b"), NOW), false);
  await assert.rejects(installVersion(world, folder("c"), NOW), { code: "WOULD_OVERWRITE" });
});

test("a full disk leaves nothing, and says so", async (t) => {
  const full: RunTool = async () => ({
    stdout: "",
    stderr: "tar: package/dist/mosaic.mjs: Cannot write: No space left on device\ntar: Exiting with failure status\n",
    exitCode: 2,
  });
  const here = site(t, full);
  await assert.rejects(installVersion(here.world, here.make("1.0.0"), NOW), (error: Error & { hint?: string }) => {
    assert.match(error.message, /^cannot install 1\.0\.0, and nothing has changed: cp failed: .*No space left on device$/);
    assert.match(error.hint ?? "", /^df -h /);
    return true;
  });
  assert.deepEqual(readdirSync(here.layout.versionsFolder), []);
});

test("what a killed installation left is no version, and is taken away by the next", async (t) => {
  const here = site(t);
  mkdirSync(join(here.layout.versionsFolder, ".staging-1/lib"), { recursive: true });
  assert.deepEqual(versionNames(here.layout), []);
  await install(here, "1.0.0");
  assert.deepEqual(readdirSync(here.layout.versionsFolder), ["1.0.0"]);
});

test("the link leads to what was switched to, and a rollback goes to what that replaced, one after the other", async (t) => {
  const here = site(t);
  await install(here, "1.0.0", "1.1.0", "1.2.0");
  await switchTo(here.layout, { kind: "version", version: "1.0.0" }, undefined);
  await switchTo(here.layout, { kind: "version", version: "1.1.0" }, "1.0.0");
  await switchTo(here.layout, { kind: "version", version: "1.2.0" }, "1.1.0");
  assert.deepEqual([currentVersion(here.layout), linkedPrevious(here.layout)], ["1.2.0", "1.1.0"]);
  await switchTo(here.layout, { kind: "version", version: wayBack(here.layout, "1.2.0") ?? "" }, undefined);
  assert.deepEqual([currentVersion(here.layout), linkedPrevious(here.layout)], ["1.1.0", "1.0.0"]);
  await switchTo(here.layout, { kind: "version", version: wayBack(here.layout, "1.1.0") ?? "" }, undefined);
  assert.deepEqual([currentVersion(here.layout), linkedPrevious(here.layout)], ["1.0.0", undefined]);
  assert.equal(wayBack(here.layout, "1.0.0"), undefined);
  await assert.rejects(switchTo(here.layout, { kind: "version", version: "3.0.0" }, "1.0.0"), { code: "MACHINE" });
  assert.equal(currentVersion(here.layout), "1.0.0");
});

test("three versions are kept, and neither the one that is used nor the one before ever goes", async (t) => {
  const here = site(t);
  await install(here, "1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0");
  await switchTo(here.layout, { kind: "version", version: "1.1.0" }, "1.0.0");
  assert.deepEqual([...(await pruneVersions(here.layout))].sort(), ["1.2.0", "1.3.0"]);
  assert.deepEqual(versionNames(here.layout), ["1.0.0", "1.1.0", "1.4.0"]);
  assert.deepEqual(readdirSync(here.layout.versionsFolder), ["1.0.0", "1.1.0", "1.4.0"]);
});

test("commands are links through current; npm's link to this package gives way, what is somebody else's stays", async (t) => {
  const here = site(t);
  await install(here, "1.0.0");
  await switchTo(here.layout, { kind: "version", version: "1.0.0" }, undefined);
  mkdirSync(here.layout.binFolder, { recursive: true });
  symlinkSync("../lib/node_modules/mosaic-fleet/bin/mosaic.mjs", join(here.layout.binFolder, "mosaic"));
  writeFileSync(join(here.layout.binFolder, "mosaic-node"), "#!/bin/sh\n");
  assert.deepEqual(await linkCommands(here.layout), [join(here.layout.binFolder, "mosaic-node")]);
  assert.match(readFileSync(join(here.layout.binFolder, "mosaic"), "utf8"), /mosaic 1\.0\.0/);
  assert.equal(readFileSync(join(here.layout.binFolder, "mosaic-node"), "utf8"), "#!/bin/sh\n");
  assert.ok(existsSync(join(here.layout.binFolder, "mosaic-aggregator")));
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { build } from "../../packages/cli/tools/build.ts";
import { BUNDLES, isBuildFresh } from "../../packages/cli/tools/build-stamp.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A program that prints its version, loads a part of itself when asked to, and bundles CommonJS that requires of Node. */
const program = `import tool from "./tool.cjs";
declare const __MOSAIC_VERSION__: string | undefined;
const version = typeof __MOSAIC_VERSION__ === "string" ? __MOSAIC_VERSION__ : "source";
const { part } = process.argv[2] === "part" ? await import("./part.ts") : { part: "" };
console.log(version + part + tool.join("/a", "b"));
`;

function clone(): TemporaryFolder {
  const folder = temporaryFolder({ "package.json": '{ "version": "9.8.7" }' });
  for (const path of Object.values(BUNDLES)) {
    folder.write(path, program);
    folder.write(join(dirname(path), "tool.cjs"), 'module.exports = require("node:path");\n');
    folder.write(join(dirname(path), "part.ts"), 'export const part: string = " part ";\n');
  }
  return folder;
}

function run(folder: TemporaryFolder, ...args: string[]): string {
  const script = join(folder.path, "packages/cli/dist/mosaic-node.mjs");
  return execFileSync(process.execPath, [script, ...args], { encoding: "utf8" }).trim();
}

test("a bundle knows its version, requires what CommonJS asks for, and loads its parts when they are needed", async () => {
  using folder = clone();
  await build(folder.path);
  assert.equal(run(folder), "9.8.7/a/b");
  assert.equal(run(folder, "part"), "9.8.7 part /a/b");
});

test("a build is fresh until a source changes, comes or goes", async () => {
  using folder = clone();
  const isFresh = () => isBuildFresh(folder.path);
  assert.equal(isFresh(), false);
  await build(folder.path);
  assert.equal(isFresh(), true);
  folder.write("packages/cli/src/main.test.ts", "a test is in no bundle");
  assert.equal(isFresh(), true);
  folder.write("packages/core/src/new.ts", "");
  assert.equal(isFresh(), false);
  await build(folder.path);
  utimesSync(join(folder.path, "packages/cli/src/main.ts"), 1, 1);
  assert.equal(isFresh(), false);
});

test("a program that runs while its next build is made still finds its parts", async () => {
  using folder = clone();
  const { outputDir } = await build(folder.path);
  const before = readdirSync(join(outputDir, "chunks"));
  for (const path of Object.values(BUNDLES))
    folder.write(join(dirname(path), "part.ts"), 'export const part: string = " other ";\n');
  await build(folder.path);
  assert.equal(run(folder, "part"), "9.8.7 other /a/b");
  const after = readdirSync(join(outputDir, "chunks"));
  assert.deepEqual(
    before.filter((chunk) => !after.includes(chunk)),
    [],
  );
});

test("a missing program is named, and what was built before stays", async () => {
  using folder = clone();
  await build(folder.path);
  const missing = { ...BUNDLES, mosaic: "packages/cli/src/gone.ts" };
  await assert.rejects(build(folder.path, missing), /cannot build: packages\/cli\/src\/gone.ts is not there/);
  assert.equal(run(folder), "9.8.7/a/b");
});

test("a source that can't be built leaves the last build and no debris", async () => {
  using folder = clone();
  const { outputDir } = await build(folder.path);
  folder.write("packages/cli/src/main.ts", 'import "./nowhere.ts";\n');
  await assert.rejects(build(folder.path), /cannot build: the bundler refused/);
  assert.equal(run(folder), "9.8.7/a/b");
  assert.equal(isBuildFresh(folder.path), false);
  assert.deepEqual(
    readdirSync(outputDir).filter((name) => name.startsWith(".building")),
    [],
  );
  assert.equal(existsSync(join(outputDir, "mosaic.mjs.map")), true);
});

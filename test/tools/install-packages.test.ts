import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

interface InstallModule {
  installIfNeeded(root: string, say: (line: string) => void): Promise<void>;
}

const modulePath = new URL("../../packages/cli/tools/install-packages.mjs", import.meta.url).href;
const { installIfNeeded }: InstallModule = await import(modulePath);

/** Notes each call, and leaves what `npm ci` would. */
const fakeNpm = `const { appendFileSync, cpSync, mkdirSync } = require("node:fs");
appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
if (require("node:fs").existsSync("fail")) { console.log("npm says why"); process.exit(7); }
mkdirSync("node_modules", { recursive: true });
cpSync("package-lock.json", "node_modules/.package-lock.json");
`;

const elsewhere = process.platform === "win32" ? "linux" : "win32";

function lockFile(version: string): string {
  const packages = {
    "": { name: "x" },
    "node_modules/yaml": { version },
    "node_modules/for-another-system": { version: "1.0.0", optional: true, os: [elsewhere] },
  };
  return JSON.stringify({ packages });
}

function clone(): TemporaryFolder {
  const folder = temporaryFolder({
    "package.json": "{}",
    "package-lock.json": lockFile("1.0.0"),
    "packages/a/package.json": "{}",
  });
  process.env.npm_execpath = folder.write("bin/npm-cli.js", fakeNpm);
  process.env.npm_node_execpath = process.execPath;
  return folder;
}

function callsIn(folder: TemporaryFolder): number {
  const path = join(folder.path, "calls");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").length : 0;
}

const ignore = () => {};

test("packages are installed once, also when two start at the same moment", async () => {
  using folder = clone();
  await Promise.all([installIfNeeded(folder.path, ignore), installIfNeeded(folder.path, ignore)]);
  await installIfNeeded(folder.path, () => assert.fail("installed again"));
  assert.equal(callsIn(folder), 1);
  assert.match(readFileSync(join(folder.path, "calls"), "utf8"), /^ci --include=dev --include=optional --ignore-scripts /);
});

test("packages are installed again when the lock file or a manifest changes", async () => {
  using folder = clone();
  await installIfNeeded(folder.path, ignore);
  folder.write("package-lock.json", lockFile("2.0.0"));
  await installIfNeeded(folder.path, ignore);
  assert.equal(callsIn(folder), 2);
});

test("what npm installed by hand is taken as it is, without the builds for other platforms", async () => {
  using folder = clone();
  const installed = { packages: { "node_modules/yaml": { version: "1.0.0" } } };
  folder.write("node_modules/.package-lock.json", JSON.stringify(installed));
  await installIfNeeded(folder.path, ignore);
  assert.equal(callsIn(folder), 0);
});

for (const [what, packages] of Object.entries({
  "lacks a package": {},
  "has another version": { "node_modules/yaml": { version: "0.9.0" } },
  "has one too many": { "node_modules/yaml": { version: "1.0.0" }, "packages/a/node_modules/yaml": { version: "1.0.0" } },
})) {
  test(`an installation by hand that ${what} is replaced`, async () => {
    using folder = clone();
    folder.write("node_modules/.package-lock.json", JSON.stringify({ packages }));
    await installIfNeeded(folder.path, ignore);
    assert.equal(callsIn(folder), 1);
  });
}

test("when npm fails, what it printed is told with the next thing to type, and nothing counts as installed", async () => {
  using folder = clone();
  folder.write("fail", "");
  await assert.rejects(
    installIfNeeded(folder.path, ignore),
    /npm says why\ncannot install packages: npm ci ended with 7\nhint: .*npm ci/,
  );
  assert.equal(existsSync(join(folder.path, "node_modules/.mosaic-install")), false);
});

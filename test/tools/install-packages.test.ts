import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

interface Terminal {
  readonly isTTY: boolean;
  write(text: string): void;
}

interface InstallModule {
  installIfNeeded(root: string, say: (line: string) => void, terminal?: Terminal): Promise<void>;
}

const modulePath = new URL("../../packages/cli/tools/install-packages.mjs", import.meta.url).href;
const { installIfNeeded }: InstallModule = await import(modulePath);

/** Notes each call, and leaves what `npm ci` would. */
const fakeNpm = `const { appendFileSync, cpSync, mkdirSync } = require("node:fs");
appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
while (require("node:fs").existsSync("wait")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
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

test("a terminal is told on one line that the installation goes on, and the line is wiped away at its end", async () => {
  using folder = clone();
  const wait = folder.write("wait", "");
  let shown = "";
  const said: string[] = [];
  const write = (text: string) => {
    shown += text;
    if (text.includes(" 1 s")) rmSync(wait);
  };
  process.env.TERM = "xterm";
  await installIfNeeded(folder.path, (line) => said.push(line), { isTTY: true, write });
  assert.match(shown, /^\r\x1b\[Kmosaic: installing packages… 0 s\r\x1b\[Kmosaic: installing packages… 1 s.*\r\x1b\[K$/);
  assert.match(said.join(), /^installed packages in \d+ s$/);
});

test("without a terminal it is said once that packages are installed", async () => {
  using folder = clone();
  const said: string[] = [];
  await installIfNeeded(folder.path, (line) => said.push(line), { isTTY: false, write: () => assert.fail("written") });
  assert.match(said.join(), /^installing packages…,installed packages in \d+ s$/);
});

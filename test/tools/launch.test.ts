import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

const launcher = new URL("../../packages/cli/bin/launch.mjs", import.meta.url);

const program = `import { launch } from "./launch.mjs";
await launch({ bundle: new URL("./bundle.mjs", import.meta.url), source: new URL("./source.ts", import.meta.url) });
`;

/** Makes a Node believe that it is of another version: the only way to meet an old one on every machine. */
const pretend = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.2" } });\n';

function installation(): TemporaryFolder {
  const folder = temporaryFolder({
    "bin/program.mjs": program,
    "bin/source.ts":
      'const from: string = "source";\nconsole.log(from, process.env.MOSAIC_NODE_HOP ?? "", ...process.argv.slice(2));\n',
    "pretend.cjs": pretend,
  });
  cpSync(launcher, join(folder.path, "bin/launch.mjs"));
  return folder;
}

function addNode(folder: TemporaryFolder): void {
  mkdirSync(join(folder.path, "node_modules/.bin"), { recursive: true });
  symlinkSync(process.execPath, join(folder.path, "node_modules/.bin/node"));
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(folder: TemporaryFolder, { isOld = false, env = {} } = {}): Promise<Ended> {
  const before = isOld ? ["--require", join(folder.path, "pretend.cjs")] : [];
  const args = [...before, join(folder.path, "bin/program.mjs"), "a", "b c"];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout: stdout.trim(), stderr });
    });
  });
}

test("a program runs from its source, and from its bundle once it is built", async () => {
  using folder = installation();
  assert.equal((await start(folder)).stdout, "source  a b c");
  folder.write("bin/bundle.mjs", 'console.log("bundle");\n');
  assert.equal((await start(folder)).stdout, "bundle");
});

test("on an old Node a program moves to the one that npm installed, and leaves no trace of it to its own children", async () => {
  using folder = installation();
  addNode(folder);
  assert.equal((await start(folder, { isOld: true })).stdout, "source  a b c");
});

test("the exit code of the program comes through a move to another Node", async () => {
  using folder = installation();
  addNode(folder);
  folder.write("bin/bundle.mjs", "process.exitCode = 6;\n");
  assert.equal((await start(folder, { isOld: true })).code, 6);
});

test("an old Node without another one is refused in words, with the next thing to type", async () => {
  using folder = installation();
  const { code, stderr } = await start(folder, { isOld: true });
  assert.equal(code, 1);
  assert.match(stderr, /^mosaic: needs Node.js 24 or newer: this is Node.js 20.1.2, no other was found\nhint: .*npm ci\n$/);
});

test("an installed Node that is old itself is refused, not started for ever", async () => {
  using folder = installation();
  addNode(folder);
  const { code, stderr } = await start(folder, { isOld: true, env: { MOSAIC_NODE_HOP: "1" } });
  assert.equal(code, 1);
  assert.match(stderr, /so is the one at .*node_modules\/.bin\/node/);
});

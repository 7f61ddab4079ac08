import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type ProgramEnd, runToEnd } from "../mesh/run-program.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";

/** A machine on which nothing of Mosaic is but what npm installs: an empty prefix, an empty home, the machine's own Node. */
export interface EmptyMachine extends Disposable {
  readonly path: string;
  /** Where npm installs to. */
  readonly prefix: string;
  /** Where the package is once it is installed. */
  readonly packageFolder: string;
  /** Major version of the Node that its programs are started with. */
  readonly nodeMajor: number;
  readonly env: Readonly<Record<string, string>>;
  /** `npm install --global` of a tarball.
   *  @throws AssertionError with what npm said when it fails */
  install(tarball: string): Promise<void>;
  /** Runs a program by its name to its end, as found on the PATH. */
  run(program: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramEnd>;
}

/** Makes such a machine in a temporary folder; gone when disposed of. npm's cache is the one of whoever runs the tests, so that
 *  a Node of 50 MB isn't fetched each time. */
export function emptyMachine(packageName: string): EmptyMachine {
  const folder = temporaryFolder();
  const [prefix, tools, home] = ["prefix", "tools", "home"].map((name) => join(folder.path, name)) as [string, string, string];
  for (const path of [tools, home]) mkdirSync(path);
  const node = stockNode();
  for (const [name, path] of Object.entries({ node, npm: onPath("npm")[0], tmux: onPath("tmux")[0] })) {
    assert.ok(path, `there is no ${name} on the PATH`);
    symlinkSync(path, join(tools, name));
  }
  const env = {
    PATH: [join(prefix, "bin"), tools, "/usr/bin", "/bin"].join(delimiter),
    HOME: home,
    TMPDIR: folder.path,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
  };
  const run: EmptyMachine["run"] = (program, args = [], more = {}) => {
    const found = env.PATH.split(delimiter).map((entry) => join(entry, program));
    return runToEnd([found.find((path) => existsSync(path)) ?? program, ...args], { env: { ...env, ...more }, cwd: folder.path });
  };
  const settings = npmSettings();
  const install = async (tarball: string) => {
    const args = ["install", "--global", "--prefix", prefix, "--prefer-offline", "--no-audit", "--no-fund", tarball];
    const end = await run("npm", args, settings);
    assert.equal(end.exitCode, 0, `npm ${args.join(" ")}\n${end.stdout}\n${end.stderr}`);
  };
  const packageFolder = join(prefix, "lib/node_modules", packageName);
  const dispose = () => folder[Symbol.dispose]();
  return { path: folder.path, prefix, packageFolder, nodeMajor: majorOf(node), env, install, run, [Symbol.dispose]: dispose };
}

/** Names every file below a folder but those of other packages, relative to it, sorted. */
export function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => !name.startsWith("node_modules/") && statSync(join(folder, name)).isFile()).sort();
}

/** A Node that Mosaic can't run on itself, where the machine has one; else any. */
function stockNode(): string {
  const found = onPath("node").filter((path) => !path.includes("node_modules"));
  return found.find((path) => majorOf(path) < 24) ?? found[0] ?? process.execPath;
}

function majorOf(node: string): number {
  return Number.parseInt(execFileSync(node, ["--version"], { encoding: "utf8" }).slice(1), 10);
}

function onPath(program: string): string[] {
  const entries = (process.env["PATH"] ?? "").split(delimiter).filter((entry) => entry !== "");
  return entries.map((entry) => join(entry, program)).filter((path) => existsSync(path));
}

/** What npm must still know when its user's home is empty. */
function npmSettings(): Record<string, string> {
  const lines = execFileSync("npm", ["config", "get", "cache", "registry"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const settings = lines.split("\n").flatMap((line) => (line.includes("=") ? [line.split("=", 2) as [string, string]] : []));
  return Object.fromEntries(settings.map(([name, value]) => [`npm_config_${name}`, value]));
}

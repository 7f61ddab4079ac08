import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { endProcesses } from "../mesh/leftovers.ts";
import { type ProgramEnd, type RunningProgram, runToEnd, startProgram } from "../mesh/run-program.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";

/** What is wrong with the node of a version: it ends at once, or never answers. */
export type NodeFault = "dies" | "hangs";

/** A host with nothing of Mosaic but a package as npm would have put it, an agent in tmux, and a node that was started by hand. */
export interface VersionedHost extends AsyncDisposable {
  readonly path: string;
  readonly mosaicHome: string;
  /** Where versions lie side by side. */
  readonly root: string;
  /** Puts a package where npm's global ones are. */
  installByNpm(tarball: string): void;
  startFleet(): Promise<void>;
  /** Starts the node of the npm package in the background. */
  startNode(): Promise<void>;
  /** Runs `mosaic`, of the version that is used, else of the npm package. */
  mosaic(...args: string[]): Promise<ProgramEnd>;
  start(...args: string[]): RunningProgram;
  /** Process of each session of the fleet's tmux server, by name. */
  panes(): Readonly<Record<string, string>>;
  /** Version of the node that answers; undefined: none does. */
  nodeVersion(): Promise<string | undefined>;
}

const FLAWS: Readonly<Record<NodeFault, string>> = {
  dies: 'console.error("this version is broken"); process.exit(1);',
  hangs: "await new Promise((resolve) => setTimeout(resolve, 600_000));",
};

/** Makes a package of another version out of one: packing anew takes seconds.
 *  @returns path of the tarball, beside the first */
export function otherVersion(tarball: string, from: string, version: string, fault?: NodeFault): string {
  using folder = temporaryFolder();
  execFileSync("tar", ["-xzf", tarball, "-C", folder.path]);
  const dist = join(folder.path, "package/dist");
  const bundles = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mjs"));
  for (const path of [join(folder.path, "package/package.json"), ...bundles.map((name) => join(dist, name))]) {
    const text = readFileSync(path, "utf8");
    const flaw =
      fault && path.endsWith("/mosaic-node.mjs") ? `if (!process.argv.includes("--version")) { ${FLAWS[fault]} }\n` : "";
    if (flaw !== "" || text.includes(from)) writeFileSync(path, `${flaw}${text.replaceAll(from, version)}`);
  }
  const made = tarball.replace(from, version);
  execFileSync("tar", ["-czf", made, "-C", folder.path, "package"]);
  return made;
}

/** Makes such a host in a temporary folder.
 *  @param more variables besides, such as those that lead to a systemd */
export function versionedHost(socketName: string, more: Readonly<Record<string, string>> = {}): VersionedHost {
  const folder = temporaryFolder();
  const [home, tools, npm] = ["home", "tools", "npm/lib/node_modules/mosaic-fleet"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const mosaicHome = join(home, ".config/mosaic");
  const root = join(home, ".local/share/mosaic");
  for (const path of [tools, npm, join(mosaicHome, "fleet"), join(home, "src")]) mkdirSync(path, { recursive: true });
  const node = ownNode(tools);
  const tmux = (process.env["PATH"] ?? "").split(delimiter).find((entry) => readdirSafe(entry).includes("tmux"));
  symlinkSync(join(tmux ?? "/usr/bin", "tmux"), join(tools, "tmux"));
  const agents = "agents:\n  - { name: lead, class: coder, runtime: stub }\n";
  const roster = `version: 1\ntenant: team-a\nhost: alpha\ntransport: tmux\ntmux: { socketName: ${socketName} }\n${agents}`;
  writeFileSync(join(mosaicHome, "fleet/roster.yaml"), roster);
  // No npm is found here, and no registry is asked.
  const env = {
    PATH: [tools, "/usr/bin", "/bin"].join(delimiter),
    HOME: home,
    TMPDIR: folder.path,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    ...more,
  };
  const launcher = () => (readdirSafe(root).includes("current") ? join(root, "current/bin/mosaic") : join(npm, "bin/mosaic.mjs"));
  const mosaic = (...args: string[]) => runToEnd([node, launcher(), ...args], { env, cwd: folder.path });
  return {
    ...{ path: folder.path, mosaicHome, root, mosaic },
    installByNpm: (tarball) => void execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", npm]),
    async startFleet() {
      if (more["XDG_RUNTIME_DIR"] !== undefined) {
        const installed = await mosaic("fleet", "install-systemd");
        assert.equal(installed.exitCode, 0, installed.stderr);
      }
      const end = await mosaic("fleet", "start");
      assert.equal(end.exitCode, 0, end.stderr);
    },
    async startNode() {
      const log = openSync(join(mosaicHome, "node.log"), "a");
      // By itself in the background, as a login's nohup or a script leaves it.
      const argv = ["--fork", node, join(npm, "bin/mosaic-node.mjs"), "--mosaic-home", mosaicHome];
      spawn("setsid", argv, { env, cwd: home, stdio: ["ignore", log, log] });
      await eventually("the node answers", async () => (await mosaic("gateway", "probe", "--json")).exitCode === 0);
      const end = await mosaic("fleet", "verify", "--wait", "20s");
      assert.equal(end.exitCode, 0, end.stdout + end.stderr);
    },
    start: (...args) => startProgram([node, launcher(), ...args], { env, cwd: folder.path }),
    panes() {
      const format = ["list-panes", "-a", "-F", "#{session_name} #{pane_pid}"];
      const lines = execFileSync(join(tools, "tmux"), ["-L", socketName, ...format], { encoding: "utf8" })
        .trim()
        .split("\n");
      return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
    },
    async nodeVersion() {
      const { servers } = JSON.parse((await mosaic("version", "--all", "--json")).stdout) as { servers: { version: string }[] };
      return servers[0]?.version;
    },
    async [Symbol.asyncDispose]() {
      await mosaic("fleet", "stop", "--holder");
      await endProcesses([folder.path]);
      folder[Symbol.dispose]();
    },
  };
}

// Under a path of its own: one that npm installed with the sources is copied to each version, as it should be, and has 120 MB.
function ownNode(tools: string): string {
  const path = join(tools, "node");
  try {
    linkSync(process.execPath, path);
  } catch {
    // The folder is on another disk.
    copyFileSync(process.execPath, path);
  }
  return path;
}

function readdirSafe(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    // It is not there.
    return [];
  }
}

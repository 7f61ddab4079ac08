/** `mosaic upgrade` and `mosaic rollback` on a host with an agent in tmux and a node of its own, from packages as they are published:
 *  what is verified, what is undone, and what a kill -9 leaves. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { packRelease } from "../../packages/cli/tools/pack-release.ts";
import { needsSystemd, privateManager } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { processesNaming } from "../mesh/leftovers.ts";
import { type TemporaryFolder, temporaryFolder } from "../tools/temporary-folder.ts";
import { otherVersion, type VersionedHost, versionedHost } from "./versioned-host.ts";

const IS_LONG = process.env["MOSAIC_TEST_LONG"] === "1";
/** Moments at which an upgrade is killed, 150 ms apart. */
const ROUNDS = 30;
const ROOT = join(import.meta.dirname, "../..");

let packs: TemporaryFolder;
let host: VersionedHost;
/** Tarballs by version. */
const tarballs = new Map<string, string>();

before(async () => {
  packs = temporaryFolder();
  const { tarball } = await packRelease({ root: ROOT, outputDir: packs.path, version: "97.1.0" });
  tarballs.set("97.1.0", tarball);
  tarballs.set("97.2.0", otherVersion(tarball, "97.1.0", "97.2.0"));
  tarballs.set("97.3.0", otherVersion(tarball, "97.1.0", "97.3.0", "dies"));
  tarballs.set("97.4.0", otherVersion(tarball, "97.1.0", "97.4.0", "hangs"));
  host = versionedHost(`mosaic-test-${process.pid}-upgrade`);
  host.installByNpm(tarball);
  await host.startFleet();
  await host.startNode();
});

after(async () => {
  await host?.[Symbol.asyncDispose]();
  packs?.[Symbol.dispose]();
});

describe("a host that is upgraded", () => {
  test("adopts the npm package as the way back, runs the new node, and leaves the agents' processes alone", async () => {
    const panes = host.panes();
    const { answer, exitCode } = await upgrade("97.2.0");
    assert.equal(exitCode, 0, JSON.stringify(answer));
    assert.deepEqual([answer.verdict, answer.from, answer.to, answer.verified], ["kept", "97.1.0", "97.2.0", "nobody"]);
    assert.equal(answer.found_before, "node 97.1.0 answers; host alpha LIVE; 1 of 1 agents live");
    assert.equal(answer.found_after, "node 97.2.0 answers; host alpha LIVE; 1 of 1 agents live");
    assert.deepEqual(host.panes(), panes);
    assert.deepEqual(versions(), ["97.1.0", "97.2.0"]);
    assert.equal((await host.mosaic("version")).stdout, "mosaic 97.2.0\n");
    const again = await upgrade("97.2.0");
    assert.deepEqual([again.exitCode, again.answer.verdict], [0, "nothing"]);
  });

  test("is back at the old version by itself when the new one's node dies at once, and says what was worse", async () => {
    const panes = host.panes();
    const { answer, exitCode } = await upgrade("97.3.0");
    assert.deepEqual([exitCode, answer.verdict, answer.current], [1, "undone", "97.2.0"]);
    assert.match(answer.worse.join(), /^mosaic-node did not start: .*this version is broken/);
    assert.equal(answer.found_undone, "node 97.2.0 answers; host alpha LIVE; 1 of 1 agents live");
    assert.equal(await host.nodeVersion(), "97.2.0");
    assert.deepEqual(host.panes(), panes);
  });

  test("refuses a second upgrade by name; what a kill -9 leaves is told, and one command settles it", async () => {
    const panes = host.panes();
    {
      await using upgrading = host.start("upgrade", tarballs.get("97.4.0") ?? "");
      const old = nodes();
      await eventually("the new version's node was started", () => {
        return isVerifying() && nodes().some(({ pid }) => !old.some((each) => each.pid === pid));
      });
      const second = await host.mosaic("upgrade", tarballs.get("97.3.0") ?? "");
      assert.equal(second.exitCode, 1);
      assert.match(second.stderr, /the upgrade from 97\.2\.0 to 97\.4\.0 .* \(process \d+\) is under way/);
      upgrading.kill("SIGKILL");
    }
    assert.match((await host.mosaic("upgrade", "--list")).stderr, /half done: the upgrade from 97\.2\.0 to 97\.4\.0/);
    const found = await host.mosaic("doctor", "--only", "upgrade");
    assert.match(found.stdout, /half done \(verifying\): 97\.4\.0 is linked, mosaic-node does not answer any more\n/);
    assert.match(found.stdout, /next {2}mosaic upgrade 97\.4\.0 {2}# goes on; mosaic rollback goes back to 97\.2\.0\n/);
    const other = await host.mosaic("upgrade", tarballs.get("97.3.0") ?? "");
    assert.match(other.stderr, /was left half done\nhint: mosaic upgrade 97\.4\.0 goes on, mosaic rollback goes back/);

    const { answer, exitCode } = await run("rollback");
    assert.deepEqual([exitCode, answer.verdict, answer.current], [0, "undone", "97.2.0"]);
    assert.equal(await host.nodeVersion(), "97.2.0");
    assert.equal(nodes().length, 1, JSON.stringify(nodes()));
    assert.deepEqual(host.panes(), panes);
    assert.doesNotMatch((await host.mosaic("upgrade", "--list")).stderr, /half done/);
    assert.equal((await host.mosaic("doctor", "--only", "upgrade,version")).stdout, "2 in order.\n");
  });

  test("goes back by one command, without npm and a network", async () => {
    const panes = host.panes();
    const { answer, exitCode } = await run("rollback");
    assert.deepEqual([exitCode, answer.verdict, answer.from, answer.current], [0, "kept", "97.2.0", "97.1.0"]);
    assert.equal(await host.nodeVersion(), "97.1.0");
    assert.deepEqual(host.panes(), panes);
    const none = await host.mosaic("rollback");
    assert.match(none.stderr, /there is no version before 97\.1\.0 to go back to/);
  });

  test("refuses a package that is not what SHA256SUMS names, and a rollback to what can't read the stores", async () => {
    const folder = join(packs.path, "listed");
    mkdirSync(folder);
    const path = join(folder, basename(tarballs.get("97.2.0") ?? ""));
    writeFileSync(path, readFileSync(tarballs.get("97.2.0") ?? ""));
    writeFileSync(join(folder, "SHA256SUMS"), `${"0".repeat(64)}  ${basename(path)}\n`);
    assert.match((await host.mosaic("upgrade", path)).stderr, /is not what .*SHA256SUMS names/);
    writeFileSync(join(host.mosaicHome, "fleet/membership.json"), '{"schema":"mosaic.membership.v9","rev":1,"records":[]}\n');
    const refused = await host.mosaic("rollback", "--to", "97.2.0");
    assert.match(refused.stderr, /97\.2\.0 can't read what is on disk: the format of the membership of the aggregator is 9/);
    assert.equal((await host.mosaic("version")).stdout, "mosaic 97.1.0\n");
  });

  test("has every step on record, in a chain that holds", async () => {
    const path = join(host.mosaicHome, "fleet/verification.jsonl");
    const actions = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { action: string }).action);
    const first = ["begin", "installed", "before", "switched", "after", "verdict"].map((step) => `upgrade.${step}`);
    assert.deepEqual(actions.slice(0, 6), first);
    assert.ok(actions.includes("upgrade.undone") && actions.includes("upgrade.resumed") && actions.includes("rollback.verdict"));
    assert.equal((await host.mosaic("audit", "verify", path)).exitCode, 0);
  });

  const testLong = IS_LONG ? test : () => {};
  testLong("is whole again by the same command wherever a kill -9 comes", async () => {
    rmSync(join(host.mosaicHome, "fleet/membership.json"));
    const panes = host.panes();
    for (let round = 0; round < ROUNDS; round += 1) {
      const version = round % 2 === 0 ? "97.2.0" : "97.1.0";
      {
        await using upgrading = host.start("upgrade", tarballs.get(version) ?? "");
        // Further on in it each time: this waits for no condition.
        await Promise.race([upgrading.ended, new Promise((resolve) => setTimeout(resolve, round * 150))]);
        upgrading.kill("SIGKILL");
      }
      const { answer, exitCode } = await upgrade(version);
      assert.equal(exitCode, 0, `round ${round}: ${JSON.stringify(answer)}`);
      assert.equal(answer.current, version);
      assert.equal(await host.nodeVersion(), version, `round ${round}`);
      assert.equal(nodes().length, 1, `round ${round}`);
      assert.deepEqual(host.panes(), panes);
    }
  });
});

// It takes half a minute: a node that systemd starts over and over is waited for.
const describeLong = IS_LONG ? describe : () => {};
describeLong("a host whose fleet systemd keeps", () => {
  test(
    "gets units that go through the link, a node of the new version, and its agents' units untouched",
    needsSystemd,
    async (t) => {
      const manager = await privateManager(t);
      await manager.start();
      const unitFolder = join(manager.unitDirectory, "../..");
      await using kept = versionedHost(`mosaic-test-${process.pid}-kept`, {
        XDG_RUNTIME_DIR: manager.runtimeDirectory,
        XDG_CONFIG_HOME: unitFolder,
      });
      kept.installByNpm(tarballs.get("97.1.0") ?? "");
      await kept.startFleet();
      const started = await kept.mosaic("gateway", "start");
      assert.equal(started.exitCode, 0, started.stderr);
      assert.equal((await kept.mosaic("fleet", "verify", "--wait", "30s")).exitCode, 0);
      const panes = kept.panes();
      const unit = () => readFileSync(join(manager.unitDirectory, "mosaic-node.service"), "utf8");
      assert.match(unit(), /^ExecStart=.*\/npm\/lib\/node_modules\//m);

      const up = await kept.mosaic("upgrade", tarballs.get("97.2.0") ?? "", "--json");
      assert.equal(up.exitCode, 0, up.stdout + up.stderr);
      assert.equal((JSON.parse(up.stdout) as Answer).verdict, "kept");
      assert.match(unit(), /^ExecStart=.*\/mosaic\/current\/lib\/node_modules\/mosaic-fleet\/dist\/mosaic-node\.mjs/m);
      assert.equal(await kept.nodeVersion(), "97.2.0");

      const bad = await kept.mosaic("upgrade", tarballs.get("97.3.0") ?? "", "--timeout", "4s", "--json");
      assert.deepEqual([bad.exitCode, (JSON.parse(bad.stdout) as Answer).verdict], [1, "undone"], bad.stdout + bad.stderr);
      assert.equal(await kept.nodeVersion(), "97.2.0");

      const back = await kept.mosaic("rollback", "--json");
      assert.equal(back.exitCode, 0, back.stdout + back.stderr);
      assert.equal(await kept.nodeVersion(), "97.1.0");
      assert.deepEqual(kept.panes(), panes);
    },
  );
});

interface Answer {
  readonly verdict: string;
  readonly from: string;
  readonly to: string;
  readonly current: string;
  readonly verified: string;
  readonly worse: readonly string[];
  readonly found_before: string;
  readonly found_after: string;
  readonly found_undone: string;
}

async function run(...args: string[]): Promise<{ readonly answer: Answer; readonly exitCode: number | undefined }> {
  // On a busy machine a node takes its time.
  const end = await host.mosaic(...args, "--json", "--timeout", "45s", "--wait", "90s");
  assert.ok(
    end.stdout.startsWith('{"schema":"mosaic.upgrade/1"') || end.stdout.startsWith('{"schema":"mosaic.rollback/1"'),
    end.stderr,
  );
  return { answer: JSON.parse(end.stdout) as Answer, exitCode: end.exitCode };
}

function upgrade(version: string): ReturnType<typeof run> {
  return run("upgrade", tarballs.get(version) ?? "");
}

function versions(): readonly string[] {
  return readdirSync(join(host.root, "versions")).sort();
}

function isVerifying(): boolean {
  const path = join(host.root, "upgrade.json");
  return existsSync(path) && readFileSync(path, "utf8").includes('"phase":"verifying"');
}

function nodes(): ReturnType<typeof processesNaming> {
  return processesNaming([host.mosaicHome]).filter(({ command }) => /mosaic-node\.mjs --mosaic-home/.test(command));
}

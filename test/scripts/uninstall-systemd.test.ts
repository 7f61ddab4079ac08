/** `fleet uninstall-systemd` on a real systemd of the user's own. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { needsSystemd } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { type RealHost, realHost, sleeper } from "./real-host.ts";

interface Uninstalled {
  readonly dry_run: boolean;
  readonly files: readonly { readonly change: string; readonly path: string; readonly why: string }[];
  readonly disabled: readonly string[];
  readonly stopped: readonly string[];
  readonly running: readonly string[];
  readonly strangers: readonly string[];
}

const UNITS = ["mosaic-agent@1st.a-b.service", "mosaic-agent@lead.service", "mosaic-node.service", "mosaic-tmux-holder.service"];

async function installed(host: RealHost): Promise<void> {
  await host.writeRoster([sleeper("lead"), sleeper("1st.a-b", "limits: { tasks_max: 50 }")]);
  const { exitCode, stderr } = await host.mosaic("fleet install-systemd");
  assert.equal(exitCode, 0, stderr);
}

async function unitsLeft(host: RealHost): Promise<readonly string[]> {
  return (await readdir(host.unitDirectory, { recursive: true })).filter((entry) => entry.includes("mosaic")).sort();
}

async function active(host: RealHost): Promise<readonly string[]> {
  const listed = (await host.manager?.systemctl("list-units", "--no-legend", "--plain", "mosaic-*")) ?? "";
  return listed
    .split("\n")
    .filter((line) => /\.service .* active /.test(line))
    .map((line) => line.split(" ")[0] ?? "")
    .sort();
}

test("it takes away what install-systemd made, and leaves what it did not make", needsSystemd, async (context) => {
  const host = await realHost(context, { hasSystemd: true });
  await installed(host);
  const agents = join(host.mosaicHome, "fleet/agents");
  await writeFile(join(agents, "lead.local.env"), "KEY=1\n");
  await mkdir(join(host.unitDirectory, "mosaic-node.service.d"));
  await writeFile(join(host.unitDirectory, "mosaic-node.service.d/mine.conf"), "[Service]\nNice=5\n");
  await writeFile(join(host.unitDirectory, "mine.service"), "[Service]\nExecStart=/bin/true\n");
  await appendFile(join(host.unitDirectory, "mosaic-tmux-holder.service"), "# mine\n");

  const before = await unitsLeft(host);
  const planned = await host.json<Uninstalled>("fleet uninstall-systemd --dry-run");
  assert.deepEqual([planned.dry_run, [...planned.disabled].sort()], [true, UNITS]);
  assert.deepEqual(await unitsLeft(host), before, "a dry run changes nothing");
  assert.deepEqual(await host.audited(), ["fleet.install"]);

  const done = await host.json<Uninstalled>("fleet uninstall-systemd");
  assert.deepEqual({ ...done, dry_run: true }, planned, "it does what it said");
  assert.deepEqual(
    done.files.filter(({ change }) => change === "keep").map(({ path, why }) => [path.slice(path.lastIndexOf("/") + 1), why]),
    [
      ["mosaic-tmux-holder.service", "changed"],
      ["mine.conf", "site-owned"],
      ["lead.local.env", "site-owned"],
    ],
  );
  assert.deepEqual(await unitsLeft(host), [
    "mosaic-node.service.d",
    "mosaic-node.service.d/mine.conf",
    "mosaic-tmux-holder.service",
  ]);
  assert.ok(existsSync(join(host.unitDirectory, "mine.service")));
  assert.deepEqual(await readdir(agents), ["lead.local.env"]);
  assert.equal(existsSync(join(host.mosaicHome, "framework")), false);
  assert.ok(existsSync(join(host.mosaicHome, "fleet/roster.yaml")));
  assert.equal(await host.manager?.systemctl("list-unit-files", "--no-legend", "mosaic-agent@*"), "", "systemd knows of it");
  assert.deepEqual(await host.audited(), ["fleet.install", "fleet.uninstall"]);

  const told = await host.mosaic("fleet uninstall-systemd");
  assert.match(told.stdout, /^keep {5}.*mosaic-tmux-holder\.service: changed since it was made; --force removes it$/m);
  assert.match(told.stdout, /^Nothing of an installation is left to take away\.$/m);
  assert.deepEqual(await host.audited(), ["fleet.install", "fleet.uninstall"], "nothing done is nothing on record");
  assert.equal((await host.mosaic("fleet uninstall-systemd --force")).exitCode, 0);
  assert.deepEqual(await unitsLeft(host), ["mosaic-node.service.d", "mosaic-node.service.d/mine.conf"]);
});

test("it ends nothing that runs; told to, it ends what it installed and no other session", needsSystemd, async (context) => {
  const host = await realHost(context, { hasSystemd: true });
  await installed(host);
  assert.equal((await host.mosaic("fleet start")).exitCode, 0);
  host.tmux("new-session", "-d", "-s", "own-work", "sleep 1000");
  assert.deepEqual(host.sessions(), ["1st~a-b", "lead", "own-work"]);

  const first = await host.mosaic("fleet uninstall-systemd");
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(first.stderr, /4 units run on, and nothing starts them again; their scripts stay below/);
  assert.deepEqual(host.sessions(), ["1st~a-b", "lead", "own-work"]);
  assert.deepEqual(await active(host), UNITS);
  assert.ok(existsSync(join(host.mosaicHome, "framework/systemd/beats")), "the holder still beats from it");
  assert.deepEqual(
    (await unitsLeft(host)).filter((entry) => entry.endsWith(".service")),
    [],
  );
  const verify = await host.mosaic("fleet verify --wait 30s");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);

  await installed(host);
  const second = await host.mosaic("fleet uninstall-systemd --stop");
  assert.equal(second.exitCode, 0, second.stderr);
  assert.match(second.stderr, /the tmux server runs on for the sake of sessions that are no unit's \(own-work\)/);
  assert.deepEqual(host.sessions(), ["own-work"]);
  assert.deepEqual(await active(host), ["mosaic-tmux-holder.service"]);

  host.tmux("kill-session", "-t", "=own-work");
  await installed(host);
  const third = await host.json<Uninstalled>("fleet uninstall-systemd --stop");
  assert.deepEqual([third.stopped, third.running, third.strangers], [["mosaic-tmux-holder.service"], [], []]);
  assert.deepEqual([await active(host), host.sessions()], [[], []]);
  assert.equal(existsSync(join(host.mosaicHome, "framework")), false);
});

test("it needs no roster, and touches no other home's units", needsSystemd, async (context) => {
  const host = await realHost(context, { hasSystemd: true });
  await installed(host);
  const elsewhere = await host.json<Uninstalled>("fleet uninstall-systemd --force --mosaic-home other");
  assert.deepEqual(
    elsewhere.files.map(({ change, why }) => [change, why]),
    Array.from({ length: 3 }, () => ["keep", "other home"]),
  );
  assert.deepEqual([elsewhere.disabled, elsewhere.stopped], [[], []]);
  assert.equal(await host.manager?.systemctl("is-enabled", "mosaic-agent@lead.service"), "enabled");

  await writeFile(join(host.mosaicHome, "fleet/roster.yaml"), "agents: broken");
  const { exitCode, stderr } = await host.mosaic("fleet uninstall-systemd");
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(await unitsLeft(host), []);
  assert.equal(await readFile(join(host.mosaicHome, "fleet/roster.yaml"), "utf8"), "agents: broken");
});

test("without systemd it says so, and changes nothing", async (context) => {
  const host = await realHost(context, { hasSystemd: false });
  await host.writeRoster([sleeper("lead")]);
  const { exitCode, stderr } = await host.mosaic("fleet uninstall-systemd");
  assert.equal(exitCode, 1);
  assert.match(stderr, /^mosaic: cannot uninstall: no systemd user manager answers \(/);
  assert.deepEqual(await host.audited(), []);
});

/** Real daemons on damaged message stores and on a full disk: what could be lost is not taken, and nothing begins anew in silence. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { connectFleet } from "@mosaic/rpc";
import { eventually, seededRandom } from "@mosaic/testkit";
import { DeliveryState } from "@mosaic/wire";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";
import type { ProgramEnd, RunningProgram } from "./run-program.ts";
import { tellAll } from "./tell-all.ts";

const PAGE_BYTES = 4096;
const MESSAGES = 40;
const CORRUPTIBLE = [
  { role: "node", other: "aggregator", store: "inbox" },
  { role: "aggregator", other: "node", store: "outbox" },
] as const;

for (const { role, other, store } of CORRUPTIBLE) {
  test(
    `a corrupt ${store} is refused and left as it is, and makes way when it is repaired`,
    { timeout: 120_000 },
    tellAll(async () => {
      await using home = await filledHome();
      const path = join(home.mosaicHome, `fleet/messages/${store}.db`);
      const damaged = corrupt(path);
      await home.serves(other);
      const daemon = await home.serves(role);
      assert.match(daemon.stderr(), new RegExp(`${store}\\.db.*can't be used.*messages can't be stored`));
      await isRefused(home, role, path);
      assert.match((await home.mosaic("message", "repair")).stdout, new RegExp(`^${store}: in use, and not looked into`, "m"));
      await stop(daemon);
      assert.ok(readFileSync(path).equals(damaged), "the file was changed");
      await isRepaired(home, path, damaged);
      await home.serves(role);
      await isTaken(home, `after-${store}`, role);
    }),
  );
}

test(
  "on a full disk sends are refused with the reason, reads go on, and nothing acknowledged is lost",
  { timeout: 120_000, skip: mountObstacle() ?? false },
  tellAll(async () => {
    await using disk = smallDisk(96);
    await using home = await emptyHome();
    symlinkSync(disk.path, join(home.mosaicHome, "fleet/messages"));
    const daemons = [await home.serves("node"), await home.serves("aggregator")];
    await isTaken(home, "before", "aggregator");
    const ballast = disk.fill();
    for (const role of ["aggregator", "node"] as const) {
      const refused = await send(home, `full-${role}`, role);
      assert.deepEqual([refused.exitCode, answerOf(refused).code], [1, "STORE_UNAVAILABLE"], refused.stdout);
      assert.match(answerOf(refused).message ?? "", /(in|out)box\.db" .*(no space is left on the disk|of its disk are free)/);
      assert.match(refused.stderr, /^hint: .*df -h$/m);
    }
    assert.deepEqual(await known(home), ["before"]);
    const ps = await home.mosaic("fleet", "ps");
    assert.equal(ps.exitCode, 0, ps.stdout + ps.stderr);
    rmSync(ballast);
    await eventually("there is room again", async () => (await send(home, "after", "aggregator")).exitCode === 0, 30_000);
    for (const daemon of daemons) await stop(daemon, "SIGKILL");
    await home.serves("node");
    await home.serves("aggregator");
    await eventually("every host answers again", async () => (await home.mosaic("fleet", "ps", "--all-hosts")).exitCode === 0);
    assert.deepEqual((await known(home)).sort(), ["after", "before"]);
  }),
);

async function isRefused(home: DaemonHome, role: "node" | "aggregator", path: string): Promise<void> {
  await eventually("fleet ps is whole", async () => (await home.mosaic("fleet", "ps", "--all-hosts")).exitCode === 0);
  const refused = await send(home, "refused", role);
  assert.deepEqual([refused.exitCode, answerOf(refused).code], [1, "STORE_UNAVAILABLE"], refused.stdout);
  assert.ok(answerOf(refused).message?.includes(`"${path}"`), refused.stdout);
  assert.match(refused.stderr, /^hint: stop the daemon, .*mosaic message repair$/m);
  if (role === "aggregator") return;
  // The aggregator's own store is well: it keeps what the host can't take, and says why.
  const kept = await send(home, "kept", "aggregator");
  assert.equal(answerOf(kept).receipt?.state, "QUEUED", kept.stdout);
  await eventually("the reason is told", async () => (await home.mosaic("message", "show", "kept")).stdout.includes(path));
}

async function isRepaired(home: DaemonHome, path: string, damaged: Buffer): Promise<void> {
  const repaired = await home.mosaic("message", "repair", "--json");
  const { items } = JSON.parse(repaired.stdout) as { items: { path: string; state: string; set_aside_to: string | null }[] };
  const aside = items.find((item) => item.path === path)?.set_aside_to ?? "";
  assert.equal(repaired.exitCode, 0, repaired.stdout + repaired.stderr);
  assert.ok(readFileSync(aside).equals(damaged));
  assert.equal(readdirSync(dirname(path)).includes(path.slice(dirname(path).length + 1)), false, "it made way");
}

async function isTaken(home: DaemonHome, id: string, role: "node" | "aggregator"): Promise<void> {
  await eventually(`${id} is taken`, async () => (await send(home, id, role)).exitCode === 0, 20_000);
}

async function emptyHome(): Promise<DaemonHome> {
  const home = await daemonHome();
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const labels = { host: "alpha", tenant: "team-a" };
  await home.write("fleet/hosts.yaml", JSON.stringify([{ targets: [socketOf(home, "node")], labels }]));
  return home;
}

/** A home whose node and aggregator took some messages, and were stopped. */
async function filledHome(): Promise<DaemonHome> {
  const home = await emptyHome();
  const daemons = [await home.serves("node"), await home.serves("aggregator")];
  await using connection = connectFleet({ kind: "unix", path: socketOf(home, "aggregator").slice("unix:".length) });
  const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
  await eventually("the agent is there", async () => (await connection.client.list({})).agents.length === 1);
  for (let number = 0; number < MESSAGES; number += 1) {
    const message = { messageId: `m-${number}`, agent, text: "x".repeat(2000), waitFor: DeliveryState.DELIVERED, waitMs: 10_000 };
    await connection.client.send(message);
  }
  for (const daemon of daemons) await stop(daemon);
  return home;
}

/** Random bytes over every third page but the first. @returns the file as it is then */
function corrupt(path: string): Buffer {
  const random = seededRandom(7);
  const bytes = readFileSync(path);
  assert.ok(bytes.length > 12 * PAGE_BYTES, `${bytes.length} bytes are too few to damage some`);
  for (let page = 2 * PAGE_BYTES; page < bytes.length; page += 3 * PAGE_BYTES)
    for (let at = page; at < page + PAGE_BYTES; at += 1) bytes[at] = Math.floor(random() * 256);
  writeFileSync(path, bytes);
  return bytes;
}

function send(home: DaemonHome, id: string, role: "node" | "aggregator"): Promise<ProgramEnd> {
  const flags = ["--id", id, "--wait", "queued", "--json", "--endpoint", socketOf(home, role)];
  return home.mosaic("agent", "send", "alpha/lead", "-m", `message ${id}`, ...flags);
}

function answerOf(end: ProgramEnd): { code?: string; message?: string; receipt?: { state: string } } {
  return JSON.parse(end.stdout);
}

/** The ids of all messages that are known. */
async function known(home: DaemonHome): Promise<string[]> {
  const end = await home.mosaic("message", "list", "--json");
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  return (JSON.parse(end.stdout) as { items: { message_id: string }[] }).items.map((item) => item.message_id);
}

async function stop(daemon: RunningProgram, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  daemon.kill(signal);
  await daemon.ended;
}

function socketOf(home: DaemonHome, role: "node" | "aggregator"): string {
  return `unix:${join(home.mosaicHome, `fleet/run/${role}.sock`)}`;
}

function mountObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs Linux and root, to mount a small disk";
  const folder = mkdtempSync(join(tmpdir(), "mosaic-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  if (status === 0) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : "needs the right to mount a small disk";
}

/** A disk of its own in memory, which goes away with the scope. */
function smallDisk(sizeMiB: number) {
  const path = mkdtempSync(join(tmpdir(), "mosaic-full-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMiB}m,mode=0700`, "tmpfs", path]);
  return {
    path,
    /** Fills it to its last byte. @returns the file that does */
    fill(): string {
      const ballast = join(path, "ballast");
      // What does not fit any more is left out by the device; how much was written is no matter.
      spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=4096"], { stdio: "ignore" });
      return ballast;
    },
    async [Symbol.asyncDispose]() {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}

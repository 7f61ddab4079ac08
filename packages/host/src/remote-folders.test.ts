import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError, silentLog } from "@mosaic/core";
import { eventually } from "@mosaic/testkit";
import { watchedFiles } from "./files.ts";
import { RemoteFolders } from "./remote-folders.ts";

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mosaic-remote-"));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Its server has the connection as file 3. */
const HUNG_MOUNT = "exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 hung";
const silent = (error: unknown) =>
  error instanceof MosaicError && error.code === "MACHINE" && /does not answer/.test(error.message);

test("a remote folder that answers is read and listed as any other", async (context) => {
  const directory = folder(context);
  writeFileSync(join(directory, "lead.hb"), "é".repeat(2000));
  mkdirSync(join(directory, "deep"));
  const files = watchedFiles(silentLog, { isRemote: async () => true });
  assert.deepEqual(await files.list(directory, ".hb"), ["lead.hb"]);
  assert.equal(await files.read(join(directory, "lead.hb"), 4000), "é".repeat(2000));
  assert.equal(await files.read(join(directory, "none"), 10), undefined);
  await assert.rejects(files.read(join(directory, "lead.hb"), 3999), /larger than 3999 bytes/);
  await assert.rejects(files.read(join(directory, "deep"), 10), { code: "MACHINE" });
});

test("what has not answered is asked nothing more, until it answers after all", async () => {
  const remote = new RemoteFolders({ patienceMs: 10 });
  const asked: string[] = [];
  const ask = (name: string, answer: Promise<string>) =>
    remote.bounded("/net", "read", name, () => {
      asked.push(name);
      return answer;
    });
  const slow = Promise.withResolvers<string>();
  await assert.rejects(ask("a", slow.promise), silent);
  await assert.rejects(ask("b", Promise.resolve("b")), silent);
  slow.resolve("late");
  await slow.promise;
  assert.equal(await ask("c", Promise.resolve("c")), "c");
  assert.deepEqual(asked, ["a", "c"]);
});

test("the temp folder is local, and so is one that is not there yet", async (context) => {
  const directory = folder(context);
  const remote = new RemoteFolders();
  assert.equal(remote.isSurelyLocal(directory), false);
  assert.deepEqual([await remote.isRemote(directory), await remote.isRemote(join(directory, "a/b"))], [false, false]);
  assert.equal(remote.isSurelyLocal(directory), true);
});

test(
  "a mount that hangs fails reads and lists in time, holds nothing else up, and heals by itself",
  needsFuse(),
  async (context) => {
    const directory = folder(context);
    const release = await hang(context, directory);
    const files = watchedFiles(silentLog, { patienceMs: 200 });
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 20);
    context.after(() => clearInterval(timer));
    const startMs = performance.now();
    await assert.rejects(files.read(join(directory, "lead.hb"), 100), silent);
    await assert.rejects(files.list(directory, ".hb"), silent);
    assert.ok(performance.now() - startMs < 10_000);
    assert.ok(ticks >= 5, `${ticks} ticks: something else was held up`);
    // Files elsewhere are read as ever, by threads too.
    const other = folder(context);
    writeFileSync(join(other, "a.hb"), "x");
    assert.deepEqual([await files.list(other, ".hb"), await files.read(join(other, "a.hb"), 10)], [["a.hb"], "x"]);
    release();
    writeFileSync(join(directory, "lead.hb"), "back");
    await eventually(
      "it is read again",
      async () => (await files.read(join(directory, "lead.hb"), 100).catch(() => "")) === "back",
    );
  },
);

/** Mounts a file system over a folder whose server never says a word. @returns what takes it away */
async function hang(context: TestContext, path: string): Promise<() => void> {
  const script = `${HUNG_MOUNT} "$1"; echo up; exec sleep 60`;
  const server = spawn("sh", ["-euc", script, "hang", path], { stdio: ["ignore", "pipe", "inherit"] });
  const release = () => {
    // First the server: what waits for it is let go.
    server.kill("SIGKILL");
    spawnSync("umount", ["--lazy", path]);
  };
  context.after(release);
  await once(server.stdout, "data");
  return release;
}

function needsFuse(): { readonly skip: string | false } {
  const obstacle = { skip: "needs Linux, root and /dev/fuse, to mount a file system that hangs" };
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/dev/fuse")) return obstacle;
  const path = mkdtempSync(join(tmpdir(), "mosaic-fuse-"));
  const { status } = spawnSync("sh", ["-euc", `${HUNG_MOUNT} "$1"; exec 3>&-; umount --lazy "$1"`, "try", path]);
  rmSync(path, { recursive: true });
  return status === 0 ? { skip: false } : obstacle;
}

test("a folder is taken for local no longer as soon as something was mounted, wherever", async () => {
  let table = "/";
  const remote = new RemoteFolders({ isRemote: async () => false, mounts: () => table });
  assert.equal(remote.isSurelyLocal("/fleet"), false, "nobody has looked");
  await remote.isRemote("/fleet");
  assert.equal(remote.isSurelyLocal("/fleet"), true);
  table = "/ and /fleet";
  await eventually("it is looked at again", () => !remote.isSurelyLocal("/fleet"), 10_000);
  await remote.isRemote("/fleet");
  assert.equal(remote.isSurelyLocal("/fleet"), true);
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Log, MosaicError, silentLog } from "@mosaic/core";
import { watchedFiles, writeFileAtomically } from "./files.ts";

const machine = (error: unknown) => error instanceof MosaicError && error.code === "MACHINE";

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mosaic-files-"));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Collects change notices; `until` waits for one that satisfies, at most 10 s. */
function notices(context: TestContext, directory: string, log: Log = silentLog) {
  const seen: (string | undefined)[] = [];
  let wake = () => {};
  const watch = watchedFiles(log).onChange(directory, (entry) => {
    seen.push(entry);
    wake();
  });
  context.after(() => watch[Symbol.dispose]());
  const until = async (isIt: (seen: readonly (string | undefined)[]) => boolean) => {
    const deadline = AbortSignal.timeout(10_000);
    while (!isIt(seen)) {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        deadline.addEventListener("abort", () => reject(new Error(`only saw ${JSON.stringify(seen)}`)), { once: true });
      });
    }
  };
  return { seen, until, watch };
}

test("a folder lists entries by suffix, and one that is not there lists none", async (context) => {
  const directory = folder(context);
  writeFileSync(join(directory, "a.hb"), "");
  writeFileSync(join(directory, "b.txt"), "");
  assert.deepEqual(await watchedFiles(silentLog).list(directory, ".hb"), ["a.hb"]);
  assert.deepEqual(await watchedFiles(silentLog).list(join(directory, "none"), ".hb"), []);
  await assert.rejects(watchedFiles(silentLog).list("\0", ".hb"), machine);
});

test("a file is read up to its limit, and one byte more is refused", async (context) => {
  const path = join(folder(context), "file");
  writeFileSync(path, "é".repeat(20_000));
  assert.equal(await watchedFiles(silentLog).read(path, 40_000), "é".repeat(20_000));
  await assert.rejects(watchedFiles(silentLog).read(path, 39_999), machine);
});

test("what stands in the way of a file is said in words, and with the system's own error as its cause", async (context) => {
  const directory = folder(context);
  mkdirSync(join(directory, "taken"));
  const message = async (work: Promise<unknown>) => {
    const thrown = await work.catch((error: unknown) => error);
    assert.ok(thrown instanceof MosaicError && thrown.cause instanceof Error);
    return thrown.message.replaceAll(directory, "~");
  };
  assert.equal(
    await message(writeFileAtomically(join(directory, "none/file"), "", 0o600)),
    'cannot write "~/none/file": there is no such file',
  );
  assert.equal(await message(writeFileAtomically(join(directory, "taken"), "", 0o600)), 'cannot write "~/taken": it is a folder');
  assert.equal(
    await message(watchedFiles(silentLog).read(join(directory, "taken"), 10)),
    'cannot read "~/taken": it is a folder',
  );
});

test("a file that is not there reads as undefined, a folder as an error", async (context) => {
  const directory = folder(context);
  assert.equal(await watchedFiles(silentLog).read(join(directory, "none"), 10), undefined);
  await assert.rejects(watchedFiles(silentLog).read(directory, 10), machine);
});

test("a pipe that nobody writes to is not waited for", async (context) => {
  const path = join(folder(context), "pipe.hb");
  execFileSync("mkfifo", [path]);
  assert.equal(await watchedFiles(silentLog).read(path, 100), "");
});

test("a file without a size is read whole", { skip: process.platform === "linux" ? false : "needs /proc" }, async () => {
  assert.match((await watchedFiles(silentLog).read("/proc/self/status", 100_000)) ?? "", /\nPid:\t/);
});

test("an atomically written file has its text and mode, and leaves nothing beside it", async (context) => {
  const directory = folder(context);
  const path = join(directory, "state.json");
  await writeFileAtomically(path, "old", 0o644);
  await Promise.all([writeFileAtomically(path, "new", 0o600), writeFileAtomically(path, "new", 0o600)]);
  assert.equal(readFileSync(path, "utf8"), "new");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await writeFileAtomically(path, "new", 0o666);
  assert.equal(statSync(path).mode & 0o777, 0o666, "whatever the umask");
  assert.deepEqual(readdirSync(directory), ["state.json"]);
});

test("a file that can't be replaced stays, and the temporary one goes", async (context) => {
  const directory = folder(context);
  mkdirSync(join(directory, "taken", "x"), { recursive: true });
  await assert.rejects(writeFileAtomically(join(directory, "taken"), "text", 0o600), machine);
  await assert.rejects(writeFileAtomically(join(directory, "none", "file"), "text", 0o600), machine);
  assert.deepEqual(readdirSync(directory), ["taken"]);
});

test("a write in a watched folder is notified with the entry's name", async (context) => {
  const directory = folder(context);
  const { until } = notices(context, directory);
  await writeFileAtomically(join(directory, "lead.hb"), "ts", 0o600);
  await until((seen) => seen.includes("lead.hb"));
});

test("a folder that does not exist yet is picked up when it appears, however deep", async (context) => {
  const directory = join(folder(context), "fleet", "run");
  const { until } = notices(context, directory);
  mkdirSync(directory, { recursive: true });
  await until((seen) => seen.includes(undefined));
  writeFileSync(join(directory, "lead.hb"), "");
  await until((seen) => seen.includes("lead.hb"));
});

test("a folder that was removed and made again, or replaced, is still watched", async (context) => {
  const root = folder(context);
  const directory = join(root, "run");
  mkdirSync(directory);
  const { until } = notices(context, directory);
  rmSync(directory, { recursive: true });
  await until((seen) => seen.includes("run"));
  mkdirSync(directory);
  await until((seen) => seen.includes(undefined));
  writeFileSync(join(directory, "first"), "");
  await until((seen) => seen.includes("first"));
  renameSync(directory, join(root, "old"));
  mkdirSync(directory);
  await until(
    (seen) => seen.filter((entry) => entry === undefined).length > 1 || seen.filter((entry) => entry === "run").length > 1,
  );
  writeFileSync(join(directory, "second"), "");
  await until((seen) => seen.includes("second"));
});

test("after disposal nothing is notified", async (context) => {
  const directory = folder(context);
  const disposed = notices(context, directory);
  const other = notices(context, directory);
  disposed.watch[Symbol.dispose]();
  writeFileSync(join(directory, "x"), "");
  await other.until((seen) => seen.includes("x"));
  assert.deepEqual(disposed.seen, []);
});

test("a folder that can't be watched is said once in the log and is no error", (context) => {
  const watchLimit = context.mock.method(fs, "watch", () => {
    throw Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), { code: "ENOSPC" });
  });
  syncBuiltinESMExports();
  const warnings: string[] = [];
  const files = watchedFiles({ ...silentLog, warn: (_fields, message) => void warnings.push(message) });
  using _first = files.onChange(tmpdir(), () => {});
  using _second = files.onChange(tmpdir(), () => {});
  watchLimit.mock.restore();
  syncBuiltinESMExports();
  assert.equal(watchLimit.mock.callCount(), 2);
  assert.equal(warnings.length, 1);
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { takeFileLock } from "./file-lock.ts";

test("a file is held by one at a time, is free again after that one, and also after one that was killed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-lock-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "below/work.lock");
  {
    using first = await takeFileLock(path);
    assert.ok(first);
    assert.equal(await takeFileLock(path), undefined);
  }
  const source = `import { takeFileLock } from ${JSON.stringify(join(import.meta.dirname, "file-lock.ts"))};
    if ((await takeFileLock(${JSON.stringify(path)})) === undefined) process.exit(7);
    process.kill(process.pid, "SIGKILL");`;
  const killed = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  assert.equal(killed.signal, "SIGKILL", killed.stderr);
  using again = await takeFileLock(path);
  assert.ok(again);
});

test("a lock that can't be made says why", async () => {
  await assert.rejects(takeFileLock("/dev/null/work.lock"), { code: "MACHINE" });
});

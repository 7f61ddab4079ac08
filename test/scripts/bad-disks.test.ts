/** What the commands that write say, and leave, on a disk that is full or read-only. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { needsSystemd } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import { filesBelow, needsMounts, onFullDisk, onReadOnlyDisk } from "./bad-disk.ts";
import { type RealHost, realHost, sleeper } from "./real-host.ts";

const SPARE = sleeper("spare", "class: reviewer, lifecycle: ephemeral");
const WORKER = "agent start reviewer --ephemeral --lane l1";
const needsBoth = { ...needsSystemd, skip: needsSystemd.skip || needsMounts.skip };

/** Runs the command once on a disk that is read-only, and once on one that is full.
 *  @param folder the disk
 *  @returns what it said, and whether every file on the disk is as it was */
async function onBothDisks(host: RealHost, folder: string, line: string) {
  const before = stateOf(folder);
  const out = join(mkdtempSync(join(host.home, "../out-")), "disk");
  const readOnly = await host.mosaic(line, onReadOnlyDisk(folder));
  assert.equal(stateOf(folder), before, `${line} on a read-only disk`);
  const full = await host.mosaic(line, onFullDisk(folder, 0, out));
  assert.equal(stateOf(out), before, `${line} on a full disk`);
  return { readOnly, full };
}

// The audit log may have got a line that still fitted, or be there and empty; half a line would not parse.
function stateOf(folder: string): string {
  const files = new Map(filesBelow(folder));
  const audit = files.get(AUDIT) ?? "";
  for (const line of audit.split("\n").filter(Boolean)) JSON.parse(line);
  files.delete(AUDIT);
  // What it keeps of its own end goes with it.
  files.delete(`${AUDIT}.head`);
  return [...files].map(([path, text]) => `${path} ${text.length} ${createHash("sha256").update(text).digest("hex")}`).join("\n");
}

const AUDIT = "fleet/audit.jsonl";

async function hostOf(context: TestContext, hasSystemd: boolean): Promise<RealHost> {
  const host = await realHost(context, { hasSystemd });
  await host.writeRoster([sleeper("lead"), SPARE]);
  return host;
}

test("fleet init writes a whole roster or none", needsMounts, async (context) => {
  const host = await realHost(context, { hasSystemd: false });
  mkdirSync(host.mosaicHome, { recursive: true });
  const first = await onBothDisks(host, host.mosaicHome, "fleet init --write");
  assert.deepEqual([first.readOnly.exitCode, first.full.exitCode], [1, 1]);
  assert.match(first.readOnly.stderr, /^mosaic: cannot make the folder of .*roster\.yaml: the disk is read-only$/m);
  assert.match(first.full.stderr, /^mosaic: cannot write .*roster\.yaml.*: .*no space/im);
});

test("fleet init --force keeps the old roster where it can't write the new one", needsMounts, async (context) => {
  const host = await hostOf(context, false);
  const { readOnly, full } = await onBothDisks(host, host.mosaicHome, "fleet init --write --force");
  assert.deepEqual([readOnly.exitCode, full.exitCode], [1, 1]);
  assert.match(readOnly.stderr, /^mosaic: cannot keep the old roster as .*: EROFS: read-only file system/);
  assert.match(full.stderr, /^mosaic: cannot write .*no space/i);
  const check = await host.mosaic("fleet init --check", onReadOnlyDisk(host.mosaicHome));
  assert.match(check.stdout, /^missing +disk +.*can't be written|^missing +disk /m);
});

test("a worker that can't be put on record is not started", needsMounts, async (context) => {
  const host = await hostOf(context, false);
  const { readOnly, full } = await onBothDisks(host, host.mosaicHome, WORKER);
  for (const end of [readOnly, full]) {
    assert.equal(end.exitCode, 1);
    assert.match(end.stdout, /^spare +failed +cannot (write|make)/m);
  }
  assert.match(readOnly.stdout, /read-only/);
  assert.match(full.stdout, /no space/i);
  assert.deepEqual(host.sessions(), []);
});

test("agents that can't be put on record are neither started nor ended", needsMounts, async (context) => {
  const host = await hostOf(context, false);
  const started = await onBothDisks(host, host.mosaicHome, "fleet start");
  assert.deepEqual([started.readOnly.exitCode, started.full.exitCode, host.sessions()], [1, 1, []]);
  assert.match(started.full.stdout, /^lead +failed +cannot write the audit log .*no space/im);
  assert.equal((await host.mosaic("fleet start")).exitCode, 0);
  const stopped = await host.mosaic("fleet stop lead", onReadOnlyDisk(host.mosaicHome));
  assert.match(stopped.stdout, /^lead +failed +cannot write the audit log .*read-only/m);
  assert.deepEqual(host.sessions(), ["lead"]);
});

test("install-systemd leaves no half file, and repeating it completes it", needsBoth, async (context) => {
  const host = await hostOf(context, true);
  const out = join(host.home, "../part");
  const part = await host.mosaic("fleet install-systemd", onFullDisk(host.mosaicHome, 60, out));
  assert.equal(part.exitCode, 1, part.stdout);
  const written = [...filesBelow(out)].filter(([path]) => !path.startsWith(AUDIT));
  for (const folder of [host.mosaicHome, host.unitDirectory]) {
    const { readOnly, full } = await onBothDisks(host, folder, "fleet install-systemd");
    for (const end of [readOnly, full]) {
      assert.equal(end.exitCode, 1);
      assert.match(end.stderr, /^mosaic: cannot (write|make) /);
    }
    assert.match(readOnly.stderr, /read-only/);
    assert.match(full.stderr, /no space/i);
    assert.equal(await host.manager?.systemctl("list-unit-files", "--no-legend", "mosaic-*"), "", "nothing is enabled");
  }
  const end = await host.mosaic("fleet install-systemd");
  assert.equal(end.exitCode, 0, end.stderr);
  const whole = filesBelow(host.mosaicHome);
  assert.ok(written.length > 3 && written.length < whole.size, String(written.length));
  for (const [path, text] of written) assert.equal(text, whole.get(path), path);
});

test("under systemd too a worker whose files can't be written is not started", needsBoth, async (context) => {
  const host = await hostOf(context, true);
  assert.equal((await host.mosaic("fleet install-systemd")).exitCode, 0);
  const { readOnly, full } = await onBothDisks(host, host.mosaicHome, WORKER);
  assert.deepEqual([readOnly.exitCode, full.exitCode, host.sessions()], [1, 1, []]);
  // The drop-in of its unit is on another disk than its record, which then stays: the lane can still be ended.
  const half = await host.mosaic(WORKER, onReadOnlyDisk(host.unitDirectory));
  assert.equal(half.exitCode, 1);
  assert.match(half.stdout, /^spare +failed +cannot make the folder of .*50-roster\.conf: the disk is read-only/m);
  assert.deepEqual(host.sessions(), []);
  assert.match((await host.mosaic("agent stop --lane l1")).stdout, /^spare +not running/m);
});

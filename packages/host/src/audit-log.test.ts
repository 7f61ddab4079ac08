import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type AuditEntry, type Clock, MosaicError } from "@mosaic/core";
import { realClock } from "@mosaic/testkit";
import { readAuditHead } from "./audit/audit-head.ts";
import { CHAIN_START, EMPTY_HEAD, lineHash, verifyAudit } from "./audit/chain.ts";
import { linesOf } from "./audit/chain-for-tests.ts";
import { auditLine, fileAuditLog } from "./audit-log.ts";
import { machineFailure } from "./machine-failure.ts";

const entry: AuditEntry = {
  action: "agent.attach",
  actor: "desk:operator",
  tenantId: "team-a",
  host: "alpha",
  agent: "lead",
  facts: { attach_id: "a-1", count: 3, is_first: true },
};

const clock: Clock = { ...realClock, nowUnixMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) };

function logIn(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-audit-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "fleet/audit.jsonl");
  const lines = () => readFileSync(path, "utf8").split("\n").slice(0, -1);
  return { folder, path, lines, log: fileAuditLog({ path, clock }) };
}

test("an entry is one line of JSON in a file that only its owner reads, in a folder that is made", async (context) => {
  const { log, path, lines } = logIn(context);
  await log.record(entry);
  await log.record({ ...entry, agent: undefined, facts: undefined });
  assert.deepEqual(
    lines().map((line) => JSON.parse(line)),
    [
      {
        index: 1,
        prev: CHAIN_START,
        at: "2026-01-02T03:04:05.006Z",
        action: "agent.attach",
        actor: "desk:operator",
        tenant_id: "team-a",
        host: "alpha",
        agent: "lead",
        facts: { attach_id: "a-1", count: 3, is_first: true },
      },
      {
        index: 2,
        prev: lineHash(lines()[0] ?? ""),
        at: "2026-01-02T03:04:05.006Z",
        action: "agent.attach",
        actor: "desk:operator",
        tenant_id: "team-a",
        host: "alpha",
        facts: {},
      },
    ],
  );
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(path, "..")).mode & 0o077, 0);
});

test("entries at the same time are all there, in order, and so are those of another process", async (context) => {
  const { log, path, lines } = logIn(context);
  const other = fileAuditLog({ path, clock });
  await Promise.all(Array.from({ length: 50 }, (_, index) => (index % 2 ? log : other).record({ ...entry, facts: { index } })));
  const seen = lines().map((line) => JSON.parse(line).facts.index as number);
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, index) => index),
  );
  for (const parity of [0, 1]) {
    const own = seen.filter((index) => index % 2 === parity);
    assert.deepEqual(
      own,
      [...own].sort((a, b) => a - b),
    );
  }
});

test("a full disk is said in words", { skip: !existsSync("/dev/full") && "needs /dev/full" }, async () => {
  // The log itself follows no link there.
  await using full = await open("/dev/full", "a");
  const thrown = await full.writeFile("x").catch((error: unknown) => error);
  const { code, message } = machineFailure('cannot write the audit log "audit.jsonl"', thrown);
  assert.deepEqual([code, message], ["MACHINE", 'cannot write the audit log "audit.jsonl": no space is left on the disk']);
});

const LIMIT = 40 * 512;

test("a line for which there is only half the room is an error, and none of it stays", async (context) => {
  const { log, path } = logIn(context);
  await log.record(entry);
  const pad = `${JSON.stringify("x".repeat(LIMIT - 20 - statSync(path).size - 3))}\n`;
  appendFileSync(path, pad);
  const before = readFileSync(path, "utf8");
  assert.equal(before.length, LIMIT - 20);
  const script = `const { fileAuditLog } = await import(${JSON.stringify(import.meta.resolve("./audit-log.ts"))});
    const log = fileAuditLog({ path: ${JSON.stringify(path)}, clock: { nowUnixMs: () => 0, monotonicMs: () => 0 } });
    await log.record(${JSON.stringify(entry)}).catch(({ message }) => console.log(message));`;
  // In blocks of 512 bytes, whoever makes them longer; the small database beside the log fits.
  const full = ["-c", 'trap "" XFSZ; ulimit -f 40; exec "$0" "$@"', process.execPath, "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync("sh", full, { encoding: "utf8" });
  assert.match(stdout, /^cannot write the audit log /, stderr);
  assert.equal(readFileSync(path, "utf8"), before);
});

test("half a line that a crash left does not swallow the next one", async (context) => {
  const { log, path, lines } = logIn(context);
  await log.record(entry);
  appendFileSync(path, '{"at":"2026-01-0');
  await log.record({ ...entry, action: "agent.detach" });
  assert.deepEqual(
    lines().map((line) => line.slice(0, 12)),
    ['{"index":1,"', '{"at":"2026-', '{"index":2,"'],
  );
  assert.equal(JSON.parse(lines()[2] ?? "").action, "agent.detach");
});

test("nothing in a line can act on a terminal, and it is still the same text", () => {
  const actor = "desk\n\x1b]0;owned\x07\x7f\x9b31m\u202eevil\u2028 zoë 🎉";
  const line = auditLine({ ...entry, actor, facts: { "\x1b[2J": "\r\n" } }, "now", EMPTY_HEAD);
  assert.match(line, /^[\x20-\x7e]+$/);
  assert.deepEqual([JSON.parse(line).actor, JSON.parse(line).facts], [actor, { "\x1b[2J": "\r\n" }]);
});

test("a line is never longer than 4 KB, and one that was cut says so", () => {
  const long = "\u{1f389}".repeat(100_000);
  const facts = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${index}${long}`, long]));
  for (const more of [
    { actor: long },
    { facts },
    { action: long, actor: long, host: long, tenantId: long, agent: long, facts },
  ]) {
    const line = auditLine({ ...entry, ...more }, "2026-01-02T03:04:05.006Z", EMPTY_HEAD);
    assert.ok(line.length < 4096, `${line.length}`);
    assert.equal(JSON.parse(line).is_cut, true);
  }
  assert.equal(JSON.parse(auditLine({ ...entry, actor: "x".repeat(1000) }, "now", EMPTY_HEAD)).is_cut, undefined);
});

test("what can't be written is an error, and the next entry is tried anew", async (context) => {
  const { log, path, lines } = logIn(context);
  mkdirSync(path, { recursive: true });
  await assert.rejects(log.record(entry), (thrown) => thrown instanceof MosaicError && thrown.code === "MACHINE");
  rmSync(path, { recursive: true });
  await log.record(entry);
  assert.equal(lines().length, 1);
});

test("the mode that somebody gave the file stays", async (context) => {
  const { log, path } = logIn(context);
  await log.record(entry);
  chmodSync(path, 0o640);
  await log.record(entry);
  assert.equal(statSync(path).mode & 0o777, 0o640);
});

test("what two processes write at once is one chain", async (context) => {
  const { log, path, lines } = logIn(context);
  await log.record(entry);
  const script = `const { fileAuditLog } = await import(${JSON.stringify(import.meta.resolve("./audit-log.ts"))});
    const clock = { nowUnixMs: () => 0, monotonicMs: () => performance.now(), sleep: (ms) => new Promise((done) => setTimeout(done, ms)) };
    const log = fileAuditLog({ path: ${JSON.stringify(path)}, clock });
    for (let n = 0; n < 40; n += 1) await log.record(${JSON.stringify(entry)});`;
  const other = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const ended = once(other, "exit");
  for (let n = 0; n < 40; n += 1) await log.record(entry);
  assert.deepEqual(await ended, [0, null]);
  const report = await verifyAudit(linesOf(lines()), { head: await readAuditHead(path) });
  assert.deepEqual([report.records, report.problems], [81, []]);
});

test("a log whose end was cut off goes on, and does not hide that it was", async (context) => {
  const { log, path, lines } = logIn(context);
  for (let n = 0; n < 3; n += 1) await log.record(entry);
  writeFileSync(path, `${lines()[0]}\n`);
  const verify = async () => verifyAudit(linesOf(lines()), { head: await readAuditHead(path) });
  assert.deepEqual(
    (await verify()).problems.map(({ kind, index }) => [kind, index]),
    [["cut-off", 2]],
  );
  await log.record(entry);
  assert.deepEqual(
    (await verify()).problems.map(({ kind, index }) => [kind, index]),
    [["missing", 2]],
  );
});

test("a writer that ended before it kept the place is no problem", async (context) => {
  const { log, path, lines } = logIn(context);
  await log.record(entry);
  const line = auditLine(entry, "now", { index: 1, hash: lineHash(lines()[0] ?? "") });
  appendFileSync(path, `${line}\n`);
  await log.record(entry);
  const report = await verifyAudit(linesOf(lines()), { head: await readAuditHead(path) });
  assert.deepEqual([report.records, report.problems], [3, []]);
});

test("a last record that somebody changed is found also after the next one was written", async (context) => {
  const { log, path, lines } = logIn(context);
  await log.record(entry);
  await log.record(entry);
  writeFileSync(path, `${lines()[0]}\n${lines()[1]?.replace("operator", "somebody")}\n`);
  await log.record(entry);
  const report = await verifyAudit(linesOf(lines()), { head: await readAuditHead(path) });
  assert.deepEqual(
    report.problems.map(({ kind, index, line }) => [kind, index, line]),
    [["changed", 2, 3]],
  );
});

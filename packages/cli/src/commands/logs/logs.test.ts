import assert from "node:assert/strict";
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { parseJournalEntry } from "../../logs/log-line.ts";
import type { LogsAnswer } from "./logs.ts";

const line = (level: number, msg: string, more = {}) =>
  JSON.stringify({ level, time: Date.UTC(2026, 10, 21) + level, role: "node", msg, ...more });

async function home(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-logs-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function logs(folder: string, words: string, env: Record<string, string> = {}) {
  const io = memoryIo({ env });
  const exitCode = await runCli(["logs", "--mosaic-home", folder, ...words.split(" ").filter(Boolean)], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("the logs of both daemons are one, by time, with what else was said; last words of a crash are errors", async (context) => {
  const folder = await home(context);
  await writeFile(
    join(folder, "node.log"),
    `${line(30, "serves", { endpoint: "unix:/x" })}\nError: at last\n${line(50, "failed", { code: 7 })}\n`,
  );
  await writeFile(join(folder, "aggregator.log"), `${line(40, "slow")}\n`);
  const { exitCode, stdout } = await logs(folder, "");
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `-                         error  node        Error: at last
2026-11-21T00:00:00.030Z  info   node        serves endpoint=unix:/x
2026-11-21T00:00:00.040Z  warn   aggregator  slow
2026-11-21T00:00:00.050Z  error  node        failed code=7
`,
  );
  assert.equal((await logs(folder, "--tail 1")).stdout.split("\n").length, 2);
  assert.match((await logs(folder, "--level warn --role aggregator")).stdout, /^\S+ {2}warn {3}aggregator {2}slow\n$/);
});

test("a log without a line of the level that was asked for is not called empty", async (context) => {
  const folder = await home(context);
  await writeFile(join(folder, "node.log"), `${line(30, "serves")}\n`);
  assert.equal((await logs(folder, "--level warn")).stderr, `no line of level warn or above: ${join(folder, "node.log")}\n`);
  await writeFile(join(folder, "node.log"), "");
  assert.equal((await logs(folder, "")).stderr, `nothing is there: ${join(folder, "node.log")}\n`);
});

test("what a daemon wrote can't act on a terminal", async (context) => {
  const folder = await home(context);
  await writeFile(join(folder, "node.log"), `${line(30, "\u001b]0;owned\u0007", { x: "\u202e" })}\n`);
  for (const form of ["", "--json", "--jsonl"]) {
    const { stdout } = await logs(folder, form);
    assert.doesNotMatch(stdout.replaceAll("\n", ""), /[\p{Cc}\u202e]/u, form);
  }
});

test("following shows what is written later, also one line in two pieces, until it is interrupted", async (context) => {
  const folder = await home(context);
  await writeFile(join(folder, "node.log"), `${line(30, "first")}\n`);
  const io = memoryIo();
  const running = runCli(["logs", "--follow", "--level", "info", "--mosaic-home", folder], io);
  await io.stdout.shows(/first/);
  await appendFile(join(folder, "node.log"), line(30, "second").slice(0, 20));
  await appendFile(join(folder, "node.log"), `${line(30, "second").slice(20)}\n${line(20, "quiet")}\n${line(30, "third")}\n`);
  await io.stdout.shows(/second\n.*third/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  await running;
  assert.doesNotMatch(io.stdout.text, /quiet/);
});

test("without a file the journal is asked, for the units of this user", async (context) => {
  const folder = await home(context);
  await mkdir(join(folder, "bin"));
  const entry = { MESSAGE: line(30, "serves"), __REALTIME_TIMESTAMP: "1", _SYSTEMD_USER_UNIT: "mosaic-aggregator.service" };
  await writeFile(join(folder, "bin/journalctl"), `#!/bin/sh\ncat <<'END'\n${JSON.stringify(entry)}\nEND\n`);
  await chmod(join(folder, "bin/journalctl"), 0o755);
  const { stdout } = await logs(folder, "--json", { PATH: `${folder}/bin:/usr/bin:/bin` });
  const answer = JSON.parse(stdout) as LogsAnswer;
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "sources", "items"]);
  assert.deepEqual(answer.sources, ["journal of mosaic-node.service and mosaic-aggregator.service"]);
  assert.deepEqual(
    answer.items.map(({ daemon, message, level }) => [daemon, message, level]),
    [["aggregator", "serves", "info"]],
  );
  assert.deepEqual(Object.keys(answer.items[0] ?? {}), ["time_unix_ms", "level", "daemon", "message", "fields"]);
});

test("what systemd says of a unit is as grave as systemd calls it", () => {
  const entry = (PRIORITY: string, more = {}) =>
    parseJournalEntry(JSON.stringify({ MESSAGE: "Started it.", PRIORITY, USER_UNIT: "mosaic-node.service", ...more }))?.level;
  assert.deepEqual(
    ["6", "4", "3"].map((priority) => entry(priority)),
    ["info", "warn", "error"],
  );
  assert.equal(entry("6", { USER_UNIT: undefined }), "error", "a daemon's last words");
});

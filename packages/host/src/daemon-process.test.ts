import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { type DaemonStart, startDaemon } from "./daemon-process.ts";
import { procfsTable } from "./procfs.ts";
import { stopProcess } from "./stop-process.ts";

const env = { PATH: process.env["PATH"] ?? "" };

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mosaic-daemon-"));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

function nodeDaemon(cwd: string, script: string, more: Partial<DaemonStart> = {}): DaemonStart {
  const ready = join(cwd, "ready");
  return {
    argv: [process.execPath, "-e", script],
    env,
    cwd,
    logPath: join(cwd, "log"),
    readyWhen: async () => existsSync(ready),
    ...more,
  };
}

test("a daemon is up once it says so, leads a session of its own and logs to its file", async (context) => {
  const cwd = folder(context);
  const script = "console.log('hello');setTimeout(()=>require('fs').writeFileSync('ready',''),100);setInterval(()=>{},1000)";
  const { pid } = await startDaemon(nodeDaemon(cwd, script));
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ");
    assert.equal(Number(fields?.[3]), pid, "session id");
    assert.equal(readFileSync(join(cwd, "log"), "utf8"), "hello\n");
    assert.equal(statSync(join(cwd, "log")).mode & 0o777, 0o600);
  } finally {
    await stopProcess(pid, undefined, { graceMs: 5_000 });
  }
  assert.equal(procfsTable().read(pid), undefined);
});

test("a daemon that dies first is reported with what it logged, not with what an earlier one did", async (context) => {
  const cwd = folder(context);
  writeFileSync(join(cwd, "log"), "earlier trouble\n");
  await assert.rejects(startDaemon(nodeDaemon(cwd, "console.error('port taken');process.exit(7)")), (error: unknown) => {
    assert.ok(error instanceof MosaicError);
    assert.equal(error.code, "MACHINE");
    assert.match(error.message, /exit code 7.*port taken/s);
    assert.doesNotMatch(error.message, /earlier/);
    return true;
  });
});

test("a daemon that never gets ready is stopped and reported as DEADLINE", async (context) => {
  const cwd = folder(context);
  const script = "require('fs').writeFileSync('pid',String(process.pid));setInterval(()=>{},1000)";
  await assert.rejects(
    startDaemon(nodeDaemon(cwd, script, { deadlineMs: 1_000 })),
    (error: unknown) => error instanceof MosaicError && error.code === "DEADLINE",
  );
  assert.equal(procfsTable().read(Number(readFileSync(join(cwd, "pid"), "utf8"))), undefined);
});

test("a readiness check that throws or never answers leaves no daemon behind", async (context) => {
  const cwd = folder(context);
  const pid = join(cwd, "pid");
  const script = "require('fs').writeFileSync('pid',String(process.pid));setInterval(()=>{},1000)";
  const failing = async () => {
    if (existsSync(pid) && readFileSync(pid, "utf8") !== "") throw new Error("check broke");
    return false;
  };
  await assert.rejects(startDaemon(nodeDaemon(cwd, script, { readyWhen: failing })), /check broke/);
  assert.equal(procfsTable().read(Number(readFileSync(pid, "utf8"))), undefined);
  const hanging = nodeDaemon(cwd, script, { readyWhen: () => new Promise(() => {}), deadlineMs: 300 });
  await assert.rejects(startDaemon(hanging), /not ready within 300 ms/);
});

test("a program that does not exist is reported as MACHINE", async (context) => {
  await assert.rejects(
    startDaemon(nodeDaemon(folder(context), "", { argv: ["/nowhere/daemon"] })),
    (error: unknown) => error instanceof MosaicError && error.code === "MACHINE" && /nowhere/.test(error.message),
  );
});

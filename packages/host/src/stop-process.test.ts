import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { procfsTable } from "./procfs.ts";
import { stopProcess } from "./stop-process.ts";

test("a process that ignores SIGTERM is killed after its grace", async () => {
  const child = spawn(process.execPath, ["-e", "process.on('SIGTERM',()=>{});console.log('up');setInterval(()=>{},1000)"]);
  await once(child.stdout, "data");
  const exited = once(child, "exit");
  await stopProcess(child.pid ?? 0, undefined, { graceMs: 200 });
  assert.deepEqual(await exited, [null, "SIGKILL"]);
});

test("a process with another start is never signalled", async () => {
  const child = spawn("tail", ["-f", "/dev/null"], { stdio: "ignore" });
  await once(child, "spawn");
  const facts = procfsTable().read(child.pid ?? 0);
  await stopProcess(child.pid ?? 0, (facts?.startTicks ?? 0) + 1, { graceMs: 10 });
  assert.equal(procfsTable().read(child.pid ?? 0)?.startTicks, facts?.startTicks);
  await stopProcess(child.pid ?? 0, facts?.startTicks, { graceMs: 5_000 });
  assert.equal(procfsTable().read(child.pid ?? 0), undefined);
});

test("stopping a process that is gone already succeeds", async () => {
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  await stopProcess(child.pid ?? 0, undefined, { graceMs: 10 });
  await stopProcess(child.pid ?? 0, 12345, { graceMs: 10 });
});

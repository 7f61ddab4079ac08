import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { procfsTable } from "./procfs.ts";

interface FixtureProcess {
  readonly pid: number;
  readonly stat: string;
  readonly cmdline?: string;
  readonly exe?: string;
  readonly children?: Readonly<Record<number, string>>;
}

function fixture(context: TestContext, processes: readonly FixtureProcess[]): string {
  const root = mkdtempSync(join(tmpdir(), "mosaic-procfs-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const { pid, stat, cmdline, exe, children } of processes) {
    mkdirSync(join(root, `${pid}`));
    writeFileSync(join(root, `${pid}`, "stat"), stat);
    writeFileSync(join(root, `${pid}`, "cmdline"), cmdline ?? "");
    if (exe) symlinkSync(exe, join(root, `${pid}`, "exe"));
    for (const [thread, list] of Object.entries(children ?? {})) {
      mkdirSync(join(root, `${pid}`, "task", thread), { recursive: true });
      writeFileSync(join(root, `${pid}`, "task", thread, "children"), list);
    }
  }
  return root;
}

const stat = (pid: number, name: string, state: string, parent: number, ticks: number) =>
  `${pid} (${name}) ${state} ${parent} ${"0 ".repeat(17)}${ticks} 0 0\n`;

test("a process is read with name, arguments, executable and start", (context) => {
  const root = fixture(context, [
    { pid: 10, stat: stat(10, "pi) S (x", "S", 1, 4711), cmdline: "node\0a b\0\0", exe: "/usr/bin/node (deleted)" },
  ]);
  assert.deepEqual(procfsTable(root).read(10), {
    pid: 10,
    executable: "/usr/bin/node",
    command: "pi) S (x",
    arguments: ["node", "a b", ""],
    startTicks: 4711,
  });
});

test("a zombie and a process that is gone are unknown", (context) => {
  const root = fixture(context, [{ pid: 10, stat: stat(10, "x", "Z", 1, 1) }]);
  assert.equal(procfsTable(root).read(10), undefined);
  assert.equal(procfsTable(root).read(11), undefined);
});

test("an executable that can't be read is empty", (context) => {
  const root = fixture(context, [{ pid: 10, stat: stat(10, "kthreadd", "S", 0, 1) }]);
  assert.equal(procfsTable(root).read(10)?.executable, "");
  assert.deepEqual(procfsTable(root).read(10)?.arguments, []);
});

test("children that any thread started are listed", (context) => {
  const root = fixture(context, [
    { pid: 10, stat: stat(10, "a", "S", 1, 1), children: { 10: "11 ", 15: "12 13 " } },
    { pid: 11, stat: stat(11, "b", "S", 10, 2) },
    { pid: 12, stat: stat(12, "c", "S", 10, 3) },
    { pid: 13, stat: stat(13, "d", "Z", 10, 3) },
  ]);
  assert.deepEqual(
    procfsTable(root)
      .childrenOf(10)
      .map((child) => child.pid)
      .sort(),
    [11, 12],
  );
});

test("a kernel that lists no children is searched by parent", (context) => {
  const root = fixture(context, [
    { pid: 10, stat: stat(10, "a", "S", 1, 1) },
    { pid: 11, stat: stat(11, "b", "S", 10, 2) },
    { pid: 12, stat: stat(12, "c", "S", 11, 3) },
  ]);
  assert.deepEqual(
    procfsTable(root)
      .childrenOf(10)
      .map((child) => child.pid),
    [11],
  );
});

test("without a process table everything is unknown", () => {
  assert.equal(procfsTable("/nowhere/proc").read(1), undefined);
  assert.deepEqual(procfsTable("/nowhere/proc").childrenOf(1), []);
});

test("the live table knows this process and its child", {
  skip: process.platform === "linux" ? false : "needs Linux",
}, async () => {
  const child = spawn("tail", ["-f", "/dev/null"], { stdio: "ignore" });
  await once(child, "spawn");
  const self = procfsTable().read(process.pid);
  assert.equal(self?.executable, process.execPath);
  assert.ok((self?.startTicks ?? 0) > 0);
  const found = procfsTable()
    .childrenOf(process.pid)
    .find((candidate) => candidate.pid === child.pid);
  assert.deepEqual([found?.command, found?.arguments], ["tail", ["tail", "-f", "/dev/null"]]);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(procfsTable().read(child.pid ?? 0), undefined);
});

test("when a process started is told by the wall clock", () => {
  const table = procfsTable();
  const self = table.read(process.pid);
  assert.ok(self);
  const startedUnixMs = table.startedUnixMs?.(self) ?? 0;
  assert.ok(Math.abs(performance.timeOrigin - startedUnixMs) < 2000, `${performance.timeOrigin} and ${startedUnixMs}`);
});

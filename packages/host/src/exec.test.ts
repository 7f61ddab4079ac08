import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { eventually } from "@mosaic/testkit";
import { type ProgramRun, runProgram } from "./exec.ts";

const node = process.execPath;
const run = (argv: readonly [string, ...string[]], more: Partial<ProgramRun> = {}) =>
  runProgram({ argv, timeoutMs: 20_000, maxOutputBytes: 1_000_000, signal: new AbortController().signal, ...more });
const code = (expected: string) => (error: unknown) => error instanceof MosaicError && error.code === expected;

test("a program's output, error output and exit code come back apart", async () => {
  const script = "process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 3";
  assert.deepEqual(await run([node, "-e", script]), { stdout: "out", stderr: "err", exitCode: 3 });
});

test("arguments reach the program untouched by any shell", async () => {
  const nasty = ["a b", "$HOME", "`id`", "'\"", "", "é;\n*"];
  const { stdout } = await run([node, "-p", "JSON.stringify(process.argv.slice(1))", "--", ...nasty]);
  assert.deepEqual(JSON.parse(stdout), nasty);
});

test("standard input is passed byte for byte and closed", async () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 256);
  const script =
    "require('node:crypto');const c=[];process.stdin.on('data',d=>c.push(d)).on('end',()=>{const b=Buffer.concat(c);console.log(b.length,b.every((v,i)=>v===i%256))})";
  assert.equal((await run([node, "-e", script], { stdin: bytes })).stdout, "200000 true\n");
});

test("a program that ends without reading a large input is no error", async () => {
  assert.equal((await run([node, "-e", "process.exit(4)"], { stdin: "x".repeat(1_000_000) })).exitCode, 4);
});

test("a program over its deadline is stopped and reported as DEADLINE", async () => {
  await assert.rejects(run([node, "-e", "setInterval(()=>{},1000)"], { timeoutMs: 300 }), code("DEADLINE"));
});

test("a program that ignores SIGTERM is killed 1 s later", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-exec-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const deaf = join(folder, "deaf");
  const script = `process.on("SIGTERM",()=>{});require("fs").writeFileSync(process.argv[1],"");setInterval(()=>{},1000)`;
  const abort = new AbortController();
  const ended = assert.rejects(run([node, "-e", script, "--", deaf], { signal: abort.signal }), code("CANCELLED"));
  await eventually("it ignores the signal", () => existsSync(deaf));
  const abortedMs = performance.now();
  abort.abort();
  await ended;
  assert.ok(performance.now() - abortedMs >= 900);
});

test("a program ended by a signal answers 128 plus its number", async () => {
  assert.equal((await run([node, "-e", "process.kill(process.pid,'SIGKILL')"])).exitCode, 137);
});

test("a program that writes too much is stopped and reported as MACHINE", async () => {
  await assert.rejects(
    run([node, "-e", "for(;;)process.stdout.write('x'.repeat(1000))"], { maxOutputBytes: 5_000 }),
    code("MACHINE"),
  );
});

test("a missing tmux names the Debian package to install", async () => {
  await assert.rejects(run(["/nowhere/tmux", "-V"]), (error: unknown) => {
    assert.ok(error instanceof MosaicError);
    assert.equal(error.code, "MACHINE");
    assert.match(error.message, /\/nowhere\/tmux/);
    assert.equal(error.hint, "sudo apt install tmux");
    return true;
  });
});

test("a signal that is aborted already starts nothing", async () => {
  await assert.rejects(run(["/nowhere/at-all"], { signal: AbortSignal.abort() }), code("CANCELLED"));
});

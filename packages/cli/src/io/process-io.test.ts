import assert from "node:assert/strict";
import { execFile, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { promisify } from "node:util";

const PROBE = `
  const { processIo } = await import(${JSON.stringify(import.meta.resolve("./process-io.ts"))});
  const { stdout } = processIo();
  stdout.write(JSON.stringify([stdout.isTerminal, stdout.columns ?? "none", stdout.rows ?? "none"]));
`;

test("a terminal that has not been told its size has none, rather than no room", async () => {
  // Makes a terminal, and as its own input is none leaves its size at 0 x 0, as `docker exec -t` and ssh in scripts do.
  const env = { ...process.env, PROBE_NODE: process.execPath, PROBE };
  const command = '"$PROBE_NODE" --input-type=module --eval "$PROBE"';
  const child = promisify(execFile)("script", ["--quiet", "--return", "--command", command, "/dev/null"], { env });
  child.child.stdin?.end();
  const { stdout } = await child;
  assert.deepEqual(JSON.parse(stdout.slice(0, stdout.indexOf("]") + 1)), [true, "none", "none"]);
});

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** Runs the command with one of its outputs on a device whose every write fails as on a full disk. */
async function withFull(output: "stdout" | "stderr", words: readonly string[]): Promise<{ exitCode: number; said: string }> {
  const full = openSync("/dev/full", "w");
  const stdio: StdioOptions = output === "stdout" ? ["ignore", full, "pipe"] : ["ignore", "pipe", full];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio });
  closeSync(full);
  const other = (output === "stdout" ? child.stderr : child.stdout) ?? assert.fail("the other output is a pipe");
  const [said, [exitCode]] = await Promise.all([text(other), once(child, "close")]);
  return { exitCode, said };
}

test("an answer that finds no room on the disk is an error in two lines, not a crash", async () => {
  assert.deepEqual(await withFull("stdout", ["help", "fleet", "ps"]), {
    exitCode: 1,
    said: "mosaic: cannot write the output: ENOSPC: no space left on device, write\nhint: see what is full: df -h\n",
  });
});

test("talk that finds no room on the disk does not change how a command went", async () => {
  assert.deepEqual(await withFull("stderr", ["nosuch"]), { exitCode: 2, said: "" });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { claimSocketPath, socketAnswers } from "./local-socket.ts";

const code = (expected: string) => (error: unknown) => error instanceof MosaicError && error.code === expected;

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mosaic-socket-"));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function listen(context: TestContext, path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  await once(server, "listening");
  context.after(() => server.close());
  return server;
}

/** A socket file whose listener was killed. */
async function staleSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)},()=>console.log('up'))`;
  const child = spawn(process.execPath, ["-e", script]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(existsSync(path));
}

test("a claim makes the folder for its owner alone", async (context) => {
  const path = join(folder(context), "run", "node.sock");
  await claimSocketPath(path);
  assert.equal(statSync(join(path, "..")).mode & 0o777, 0o700);
});

test("a socket that answers is another daemon's", async (context) => {
  const path = join(folder(context), "node.sock");
  await listen(context, path);
  const before = statSync(path).ctimeMs;
  await assert.rejects(claimSocketPath(path), code("ALREADY_RUNNING"));
  assert.equal(statSync(path).ctimeMs, before, "it was never moved, not even for a moment");
  assert.equal(await socketAnswers(path, 1_000), true);
});

test("a dead daemon's socket is removed, and a new one can listen there", async (context) => {
  const directory = folder(context);
  const path = join(directory, "node.sock");
  await staleSocket(path);
  assert.equal(await socketAnswers(path, 1_000), false);
  await claimSocketPath(path);
  assert.deepEqual(readdirSync(directory), []);
  await listen(context, path);
  assert.equal(await socketAnswers(path, 1_000), true);
});

test("a path longer than a socket's may be is refused with a hint", async (context) => {
  const directory = folder(context);
  const ofBytes = (bytes: number) => join(directory, "x".repeat(bytes - directory.length - 1));
  await claimSocketPath(ofBytes(107));
  await listen(context, ofBytes(107));
  await assert.rejects(
    claimSocketPath(ofBytes(108)),
    (error: unknown) => code("USAGE")(error) && (error as MosaicError).hint !== undefined,
  );
});

test("a stale socket with the longest possible path is removed too", async (context) => {
  const directory = folder(context);
  const path = join(directory, "x".repeat(106 - directory.length));
  await staleSocket(path);
  await claimSocketPath(path);
  assert.equal(existsSync(path), false);
});

test("a file that is no socket is left alone", async (context) => {
  const path = join(folder(context), "node.sock");
  writeFileSync(path, "precious");
  await assert.rejects(claimSocketPath(path), code("MACHINE"));
  assert.ok(existsSync(path));
});

test("a folder that others may write to is refused and not changed", async (context) => {
  const directory = folder(context);
  chmodSync(directory, 0o777);
  await assert.rejects(claimSocketPath(join(directory, "node.sock")), code("MACHINE"));
  assert.equal(statSync(directory).mode & 0o777, 0o777);
});

test("nothing answers where there is no socket and no folder", async (context) => {
  assert.equal(await socketAnswers(join(folder(context), "a", "b.sock"), 1_000), false);
});

test("a folder that can't be made is an error that names the socket", async (context) => {
  const path = join(folder(context), "file", "a.sock");
  writeFileSync(join(path, ".."), "");
  await assert.rejects(
    claimSocketPath(path),
    (error) => code("MACHINE")(error) && String(error).includes(`cannot listen on "${path}": `),
  );
});

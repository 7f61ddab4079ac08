import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError, type SessionLaunch } from "@mosaic/core";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";
import { typingLines } from "./typing.ts";

const code = (expected: string) => (error: unknown) => error instanceof MosaicError && error.code === expected;

/** An agent whose program keeps every byte that is typed into it. */
async function recorder(context: TestContext, argv?: SessionLaunch["argv"]) {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-typing-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "typed");
  const keep = `require('fs').appendFileSync(${JSON.stringify(file)},d)`;
  const script = `process.stdin.setRawMode(true);process.stdin.on('data',d=>${keep});process.stdout.write('ready')`;
  const fixture = privateServer(context);
  const server = fixture.connect();
  const env = { PATH: process.env["PATH"] ?? "" };
  const launch = { session: "lead", argv: argv ?? [process.execPath, "-e", script], env, workingDirectory: "/" } as const;
  await server.startSession(launch, never);
  const pane = async () => (await server.listPanes(never)).find(({ session }) => session === "lead");
  const paneId = (await pane())?.paneId ?? "";
  const ready = () => until("it is ready", async () => (await server.capture(paneId, {}, never)).lines[0] === "ready");
  let taken = 0;
  /** Waits for the next so many bytes. */
  const typed = async (byteCount: number) => {
    await until(`${byteCount} bytes are typed`, () => existsSync(file) && statSync(file).size >= taken + byteCount);
    const bytes = readFileSync(file).subarray(taken);
    taken += bytes.length;
    return bytes;
  };
  return { ...fixture, server, pane, paneId, ready, typed };
}

test("all 256 byte values and UTF-8 arrive exactly, in order", needsTmux, async (context) => {
  const { server, paneId, ready, typed } = await recorder(context);
  await ready();
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const texts = [
    all,
    new TextEncoder().encode("zoë 漢字 🎉\r"),
    new TextEncoder().encode("\x1b[A\x1bOP\x03; 'x' \"y\" # $HOME -X"),
  ];
  for (const bytes of texts) {
    await server.typeBytes(paneId, bytes, never);
    assert.deepEqual([...(await typed(bytes.length))], [...bytes]);
  }
});

test("more than fits into one command arrives whole, and calls keep their order", needsTmux, async (context) => {
  const { server, paneId, ready, typed } = await recorder(context);
  await ready();
  const large = Uint8Array.from({ length: 40_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  await server.typeBytes(paneId, large, never);
  assert.ok((await typed(large.length)).equals(large));
  for (let count = 0; count < 100; count += 1) await server.typeBytes(paneId, new TextEncoder().encode(`${count},`), never);
  const expected = Array.from({ length: 100 }, (_, count) => `${count},`).join("");
  assert.equal((await typed(expected.length)).toString(), expected);
});

test("keys reach a program whose history somebody looks through", needsTmux, async (context) => {
  const { server, paneId, ready, typed, run } = await recorder(context);
  await ready();
  await run("copy-mode", "-t", paneId);
  await server.typeBytes(paneId, new TextEncoder().encode("q"), never);
  assert.equal((await typed(1)).toString(), "q");
});

test("the window keeps its size while keys are typed", needsTmux, async (context) => {
  const { server, pane, paneId, ready, typed } = await recorder(context);
  await ready();
  const size = async () => [(await pane())?.columns, (await pane())?.rows];
  const before = await size();
  await server.typeBytes(paneId, Uint8Array.of(0x61), never);
  await typed(1);
  assert.deepEqual(await size(), before);
});

test("a pane that is dead, or gone, takes no keys: AGENT_NOT_RUNNING, and the server survives", needsTmux, async (context) => {
  const { server, pane, paneId } = await recorder(context, ["sh", "-c", "sleep 0.3"]);
  await until("it is dead", async () => (await pane())?.isDead === true);
  await assert.rejects(server.typeBytes(paneId, Uint8Array.of(0x61), never), code("AGENT_NOT_RUNNING"));
  await assert.rejects(server.typeBytes("%99", Uint8Array.of(0x61), never), code("AGENT_NOT_RUNNING"));
  await assert.rejects(server.typeBytes("%1;kill-server", Uint8Array.of(0x61), never), code("USAGE"));
  assert.equal((await server.listPanes(never)).length, 2);
});

test("typing nothing types nothing, and a caller that left is told so", needsTmux, async (context) => {
  const { server, paneId, ready } = await recorder(context);
  await ready();
  await server.typeBytes(paneId, new Uint8Array(), never);
  await assert.rejects(server.typeBytes(paneId, Uint8Array.of(0x61), AbortSignal.abort()), code("CANCELLED"));
});

test("no command is long", () => {
  const lines = typingLines("%1", new Uint8Array(16_384));
  assert.equal(lines.length, 33);
  for (const { text } of lines) assert.ok(text.length < 2000, `${text.length}`);
});

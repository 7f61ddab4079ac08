import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError, type SessionLaunch } from "@mosaic/core";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";

const code = (expected: string) => (error: unknown) => error instanceof MosaicError && error.code === expected;

/** One agent on a server, and its pane. */
async function agent(context: TestContext, argv: SessionLaunch["argv"], more: Partial<SessionLaunch> = {}) {
  const fixture = privateServer(context);
  const server = fixture.connect();
  await server.startSession(
    { session: "lead", argv, env: { PATH: process.env["PATH"] ?? "" }, workingDirectory: "/", ...more },
    never,
  );
  const pane = async () => (await server.listPanes(never)).find(({ session }) => session === "lead");
  const paneId = (await pane())?.paneId ?? "";
  const screen = async () => (await server.capture(paneId, {}, never)).lines;
  const shows = (text: string) =>
    until(`the screen shows ${text}`, async () => (await screen()).some((line) => line.includes(text)));
  return { ...fixture, server, pane, paneId, screen, shows };
}

const node = (script: string): SessionLaunch["argv"] => [process.execPath, "-e", script];
const write = (text: string) => node(`process.stdout.write(${JSON.stringify(text)});setInterval(()=>{},1000)`);

/** A program that asks for bracketed paste and keeps all that is typed into it; `typed` waits for the next so many bytes. */
function recorder(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-paste-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "typed");
  const keep = `require('fs').appendFileSync(${JSON.stringify(file)},d)`;
  const script = `process.stdin.setRawMode(true);process.stdout.write('\\x1b[?2004hready');process.stdin.on('data',d=>${keep})`;
  let taken = 0;
  const typed = async (byteCount: number) => {
    const end = taken + byteCount;
    await until(`${byteCount} bytes are typed`, () => existsSync(file) && statSync(file).size >= end);
    const bytes = readFileSync(file).subarray(taken);
    taken = end;
    return bytes;
  };
  return { argv: node(script), typed };
}

const pasted = (text: string) => Buffer.from(`\x1b[200~${text}\x1b[201~`);

test("a screen is captured as text with its cursor, whatever the locale", needsTmux, async (context) => {
  const { server, paneId, shows } = await agent(context, write("zoë 漢字 🎉  \r\n\r\n  │ done"), { columns: 60, rows: 10 });
  await shows("done");
  const capture = await server.capture(paneId, {}, never);
  assert.deepEqual(capture, {
    lines: ["zoë 漢字 🎉", "", "  │ done", "", "", "", "", "", "", ""],
    columns: 60,
    rows: 10,
    cursorColumn: 8,
    cursorRow: 2,
    isCursorVisible: true,
    isAlternateScreen: false,
  });
});

test("history comes above the screen when asked for", needsTmux, async (context) => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const { server, paneId, shows } = await agent(context, write(lines.join("\r\n")), { rows: 10 });
  await shows("line 49");
  assert.deepEqual((await server.capture(paneId, {}, never)).lines, lines.slice(40));
  assert.deepEqual((await server.capture(paneId, { historyLines: 5 }, never)).lines, lines.slice(35));
  assert.deepEqual((await server.capture(paneId, { historyLines: 1_000 }, never)).lines, lines);
});

test("a full-screen program's screen is captured, without the history of what was before it", needsTmux, async (context) => {
  const before = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\r\n");
  const { server, paneId, shows } = await agent(context, write(`${before}\x1b[?1049h\x1b[?25l\x1b[2J\x1b[3;5Hmenu`), {
    rows: 10,
  });
  await shows("menu");
  const capture = await server.capture(paneId, { historyLines: 20 }, never);
  assert.deepEqual(capture.lines, ["", "", "    menu", "", "", "", "", "", "", ""]);
  assert.deepEqual([capture.isAlternateScreen, capture.isCursorVisible, capture.cursorColumn], [true, false, 8]);
});

test("with colours each line stands alone", needsTmux, async (context) => {
  const text =
    "\x1b[1;38;5;208mone\r\ntwo\x1b[0m plain\r\n\x1b]8;;https://x.example\x1b\\link\x1b]8;;\x1b\\\r\n\x1b[44mblue\x1b[0m.";
  const { server, paneId, shows } = await agent(context, write(text), { rows: 5 });
  await shows("blue");
  const { lines } = await server.capture(paneId, { withEscapes: true }, never);
  const E = "\x1b[";
  const stripped = lines.map((line) => line.replaceAll(/\x1b\[[0-9;]*m/g, ""));
  assert.deepEqual(stripped, ["one", "two plain", "link", "blue.", ""]);
  // tmux may write `1` and the colour apart or together; either way they are there again on the second line.
  for (const line of lines.slice(0, 2)) assert.match(line, /^(?:\x1b\[[0-9;]*m)*?\x1b\[(?:[0-9;]*;)?38;5;208m/);
  assert.ok(
    lines.slice(0, 2).every((line) => /\x1b\[(?:0;)?1(?:;|m)/.test(line) && line.endsWith(`${E}0m`)),
    JSON.stringify(lines),
  );
  assert.equal(lines[2], "link");
  assert.match(lines[3] ?? "", /44mblue.*\.\x1b\[0m$/);
});

test("a screen full of what looks like tmux's own protocol is captured as it is", needsTmux, async (context) => {
  const lines = [
    "%end 1795251683 279 1",
    "%begin 1 2 1",
    "%error 1795251683 280 1",
    "%exit",
    "%sessions-changed",
    "%output %1 x",
  ];
  const { server, paneId, shows } = await agent(context, write(lines.join("\r\n")), { rows: 6 });
  await shows("%output %1 x");
  assert.deepEqual((await server.capture(paneId, {}, never)).lines, lines);
});

test("a paste arrives byte for byte in one piece, up to 256 KiB", needsTmux, async (context) => {
  const { argv, typed } = recorder(context);
  const { server, paneId, shows, run } = await agent(context, argv);
  await shows("ready");
  const controls = Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join("");
  const texts = [
    "hello",
    "two\nlines\n",
    "-x $HOME `id` \\n ;",
    controls,
    "\x7f\x1b[A\x00 NUL",
    "zoë 漢字 🎉",
    "0123456789abcde\n".repeat(16_384),
  ];
  for (const text of texts) {
    await server.paste(paneId, text, never);
    const bytes = await typed(pasted(text).length);
    assert.ok(bytes.equals(pasted(text)), JSON.stringify(text.slice(0, 40)));
  }
  assert.equal(await run("list-buffers"), "");
});

test("pastes at the same time into one pane each stay in one piece", needsTmux, async (context) => {
  const { argv, typed } = recorder(context);
  const { server, paneId, shows } = await agent(context, argv);
  await shows("ready");
  await Promise.all([server.paste(paneId, "a".repeat(500), never), server.paste(paneId, "b".repeat(500), never)]);
  const [a, b] = [pasted("a".repeat(500)).toString(), pasted("b".repeat(500)).toString()];
  const bytes = (await typed(a.length + b.length)).toString();
  assert.ok([a + b, b + a].includes(bytes), bytes);
});

test("a text that would end its own paste is refused", needsTmux, async (context) => {
  const { server, paneId } = await agent(context, ["cat"]);
  await assert.rejects(server.paste(paneId, "x\x1b[201~\r", never), code("USAGE"));
});

test("a dead pane takes no paste and no key, and the server survives the try", needsTmux, async (context) => {
  const { server, pane, paneId, run } = await agent(context, ["sh", "-c", "sleep 0.3; exit 1"]);
  await until("it is dead", async () => (await pane())?.isDead === true);
  await assert.rejects(server.paste(paneId, "hello", never), code("AGENT_NOT_RUNNING"));
  await assert.rejects(server.pressKey(paneId, "Enter", never), code("AGENT_NOT_RUNNING"));
  assert.equal(await run("list-buffers"), "");
  assert.equal((await server.listPanes(never)).length, 2);
});

test("a pane that is gone is AGENT_NOT_RUNNING, with a server and without", needsTmux, async (context) => {
  const { server, run } = await agent(context, ["cat"]);
  const calls = [
    () => server.capture("%99", {}, never),
    () => server.paste("%99", "x", never),
    () => server.pressKey("%99", "Enter", never),
  ];
  for (const call of calls) await assert.rejects(call, code("AGENT_NOT_RUNNING"));
  assert.equal(await run("list-buffers"), "");
  await server.endServer(never);
  for (const call of calls) await assert.rejects(call, code("AGENT_NOT_RUNNING"));
});

test("what is no pane id is refused before tmux sees it", needsTmux, async (context) => {
  const { server } = await agent(context, ["cat"]);
  for (const paneId of ["", "lead", "%", "=lead:", "%1;kill-server"]) {
    await assert.rejects(server.capture(paneId, {}, never), code("USAGE"));
    await assert.rejects(server.paste(paneId, "x", never), code("USAGE"));
    await assert.rejects(server.pressKey(paneId, "Enter", never), code("USAGE"));
  }
});

test("a paste whose caller has gone leaves no buffer behind", needsTmux, async (context) => {
  const { server, paneId, run } = await agent(context, ["cat"]);
  await assert.rejects(server.paste(paneId, "x", AbortSignal.abort()), code("CANCELLED"));
  for (let waitMs = 0; waitMs < 12; waitMs += 2) await server.paste(paneId, "x", AbortSignal.timeout(waitMs)).catch(() => {});
  await until("no buffer is left", async () => (await run("list-buffers")) === "");
});

test("keys reach the program, also one that looks through its history or is being watched", needsTmux, async (context) => {
  const script =
    "process.stdin.setRawMode(true);process.stdout.write('ready');process.stdin.on('data',d=>process.stdout.write(JSON.stringify(d.toString())+'\\r\\n'))";
  const { server, paneId, shows, run } = await agent(context, node(script));
  await shows("ready");
  for (const [key, text] of Object.entries({
    Enter: '"\\r"',
    Escape: '"\\u001b"',
    "C-c": '"\\u0003"',
    Up: '"\\u001b[A"',
    y: '"y"',
    ";": '";"',
  })) {
    await server.pressKey(paneId, key, never);
    await shows(text);
  }
  await run("copy-mode", "-t", paneId);
  const watch = server.watchOutput("lead", () => {});
  await until("the watcher is attached", async () => (await run("list-clients")).split("\n").length === 2);
  await server.pressKey(paneId, "z", never);
  await shows('"z"');
  await watch[Symbol.asyncDispose]();
});

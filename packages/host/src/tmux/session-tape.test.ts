import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { silentLog, type TapeEvent } from "@mosaic/core";
import { systemClock } from "../system-clock.ts";
import { createAttachGate } from "./attach-gate.ts";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";
import { followSession } from "./session-tape.ts";
import { tmuxProgram } from "./tmux-program.ts";

const idle = ["tail", "-f", "/dev/null"] as const;

async function fleet(context: TestContext, ...command: readonly string[]) {
  const fixture = privateServer(context);
  await fixture.run("new-session", "-d", "-s", "_holder", "--", ...idle, ";", "set-option", "-gw", "remain-on-exit", "on");
  await fixture.run("new-session", "-d", "-s", "lead", "-x", "100", "-y", "30", "--", ...command);
  const server = fixture.connect();
  const panes = await server.listPanes(never);
  const paneId = panes.find(({ session }) => session === "lead")?.paneId ?? "";
  const follow = (session = "lead") => {
    const events: TapeEvent[] = [];
    const tape = server.followSession(session, (event) => void events.push(event));
    const text = () => Buffer.concat(events.map((event) => (event.kind === "output" ? event.bytes : new Uint8Array())));
    const kinds = () => events.map(({ kind }) => kind).filter((kind) => kind !== "output");
    return { events, tape, text, kinds };
  };
  const size = () => fixture.run("display-message", "-p", "-t", "=lead:", "#{window_width}x#{window_height}");
  return { ...fixture, server, paneId, follow, size };
}

/** A program that waits for a line, then prints a file as it is. */
const printFile = (path: string) => ["sh", "-c", 'stty raw -echo; read x; cat "$0"; sleep 600', path];

/** Text, escapes, letters of two to four bytes, every other byte there is, in an order that nobody chose. */
function randomBytes(length: number): Buffer {
  const pieces = [
    "\x1b[1;31m",
    "\x1b[0m",
    "\x1b[H",
    "\r\n",
    "ä",
    "漢",
    "🙂",
    "\\",
    "\\033",
    "% ",
    "%end 1 2 1",
    "\x00",
    "\x7f",
    "\n",
  ];
  const parts: Buffer[] = [];
  let state = 42;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let total = 0; total < length; ) {
    const kind = random(10);
    const text = kind < 6 ? String.fromCharCode(0x20 + random(0x5f)) : (pieces[random(pieces.length)] ?? "");
    const part = kind === 9 ? Buffer.from([0x80 + random(0x80)]) : Buffer.from(text);
    parts.push(part);
    total += part.length;
  }
  return Buffer.concat(parts);
}

test("two million bytes of any kind arrive exactly and in order", needsTmux, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-tape-"));
  context.after(() => rm(folder, { recursive: true }));
  const sent = randomBytes(2_000_000);
  await writeFile(join(folder, "bytes"), sent);
  const { follow, paneId, server } = await fleet(context, ...printFile(join(folder, "bytes")));
  const { tape, text, kinds, events } = follow();
  tape.askForScreen(paneId);
  await until("the screen is told", () => kinds().includes("screen"));
  await server.pressKey(paneId, "C-j", never);
  await until("all of it arrived", () => text().length >= sent.length);
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(text().length, sent.length);
  assert.equal(digest(text()), digest(sent));
  assert.ok(events.every((event) => event.kind !== "output" || event.paneId === paneId));
  assert.deepEqual(kinds(), ["screen"]);
});

test("a screen stands exactly between the output that made it and the output that follows", needsTmux, async (context) => {
  const { follow, paneId, server } = await fleet(context, "sh", "-c", "read x; seq 1 20000; cat");
  const { tape, events, text } = follow();
  tape.askForScreen(paneId);
  await until("it listens", () => events.some(({ kind }) => kind === "screen"));
  await server.pressKey(paneId, "Enter", never);
  while (!text().includes("20000\r\n")) {
    tape.askForScreen(paneId);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seen: string[] = [];
  let checked = 0;
  for (const event of events) {
    if (event.kind === "output") seen.push(Buffer.from(event.bytes).toString());
    if (event.kind !== "screen" || seen.length === 0) continue;
    const printed = seen.join("").split("\r\n");
    const { lines, cursorRow, cursorColumn } = event.screen;
    // A screen may fall between the two bytes that end a line: the cursor is then back at its beginning.
    const [last = "", isReturned] = [printed.at(-1)?.replace(/\r$/, ""), printed.at(-1)?.endsWith("\r")];
    assert.equal(lines[cursorRow], last);
    assert.equal(cursorColumn, isReturned ? 0 : last.length);
    if (cursorRow > 0) assert.equal(lines[cursorRow - 1], printed.at(-2));
    checked += 1;
  }
  // How many fall amid the output is a matter of how busy the machine is.
  assert.ok(checked > 0, "no screen amid output");
});

test("a screen tells the modes that the rest depends on, and what began and did not end", needsTmux, async (context) => {
  const begun = "\\033[?1049h\\033[3;10r\\033[?7l\\033[4h\\033[5;7Hx\\033[1;3";
  const { follow, paneId, run } = await fleet(context, "sh", "-c", `printf '${begun}'; exec tail -f /dev/null`);
  await until("it shows", async () => (await run("capture-pane", "-p", "-t", "=lead:")).includes("x"));
  const { tape, events } = follow();
  tape.askForScreen(paneId);
  await until("the screen is told", () => events.length > 0);
  const [event] = events;
  assert.ok(event?.kind === "screen");
  const { isAlternateScreen, scrollTop, scrollBottom, isWrapMode, isInsertMode, isOriginMode, pending } = event.screen;
  assert.deepEqual(
    [isAlternateScreen, scrollTop, scrollBottom, isWrapMode, isInsertMode, isOriginMode],
    [true, 2, 9, false, true, false],
  );
  assert.deepEqual([event.screen.cursorRow, event.screen.cursorColumn, pending], [4, 7, "\x1b[1;3"]);
});

test("a resize is told once with its size, and following changes none", needsTmux, async (context) => {
  const { follow, paneId, run, size } = await fleet(context, "cat");
  const { tape, events } = follow();
  tape.askForScreen(paneId);
  await until("it listens", () => events.length > 0);
  assert.equal(await size(), "100x30");
  await run("resize-window", "-t", "=lead:", "-x", "90", "-y", "20");
  await until("it is told", () => events.some(({ kind }) => kind === "resized"));
  await run("resize-window", "-t", "=lead:", "-x", "91", "-y", "21");
  await until("the next is told", () => events.filter(({ kind }) => kind === "resized").length > 1);
  assert.deepEqual(
    events.filter((event) => event.kind === "resized"),
    [
      { kind: "resized", columns: 90, rows: 20 },
      { kind: "resized", columns: 91, rows: 21 },
    ],
  );
  await tape[Symbol.asyncDispose]();
  assert.equal(await size(), "91x21");
});

test("a session that ends is told once, also one that never was", needsTmux, async (context) => {
  const { follow, run, paneId } = await fleet(context, "cat");
  const lead = follow();
  const nobody = follow("lea");
  lead.tape.askForScreen(paneId);
  await until("the absent one has ended", () => nobody.kinds().includes("ended"));
  await until("the other is attached", () => lead.kinds().includes("screen"));
  await run("kill-session", "-t", "=lead:");
  await until("its end is told", () => lead.kinds().includes("ended"));
  assert.deepEqual([nobody.kinds(), lead.kinds()], [["ended"], ["screen", "ended"]]);
});

test("a client that somebody detaches comes back, and says that something may be missing", needsTmux, async (context) => {
  const { follow, run, paneId, server } = await fleet(context, "cat");
  const { tape, kinds, text } = follow();
  tape.askForScreen(paneId);
  await until("it is attached", () => kinds().includes("screen"));
  await run("detach-client", "-s", "=lead:");
  await until("the gap is told", () => kinds().includes("gap"));
  tape.askForScreen(paneId);
  await server.paste(paneId, "again", never);
  await until("output is told again", () => text().includes("again"));
  await until("the screen is told again", () => kinds().filter((kind) => kind === "screen").length === 2);
});

test("a server that lets read-only clients only listen is asked through another one", needsTmux, async (context) => {
  const { run, socketName, paneId } = await fleet(context, "cat");
  // To our client the command then fails, as it would there.
  await run("set-option", "-s", "command-alias[100]", "capture-pane=not-for-readers");
  const tmux = tmuxProgram(socketName, process.env["MOSAIC_TEST_TMUX"]);
  const reply = (...lines: string[]) => ({ isOk: true, outputs: [lines], message: "" });
  const deps = {
    tmux,
    gate: createAttachGate(),
    clock: systemClock,
    log: silentLog,
    capture: async () => [reply("100 30 2 0 1 0"), reply("hi"), reply("0 29 0 0 1"), reply()],
  };
  const events: TapeEvent[] = [];
  await using tape = followSession(deps, "lead", (event) => void events.push(event));
  tape.askForScreen(paneId);
  await until("the screen is told", () => events.length > 0);
  assert.ok(events[0]?.kind === "screen");
  assert.deepEqual([events[0].screen.lines[0], events[0].screen.scrollBottom], ["hi", 29]);
});

test("a pane that is gone has no screen, and that is all", needsTmux, async (context) => {
  const { follow, paneId, server } = await fleet(context, "cat");
  const { tape, kinds, events } = follow();
  tape.askForScreen("%99");
  tape.askForScreen(paneId);
  await until("the other one is told", () => kinds().includes("screen"));
  await server.pressKey(paneId, "a", never);
  await until("output goes on", () => events.some(({ kind }) => kind === "output"));
  assert.deepEqual(kinds(), ["screen"]);
});

test("streamOutput tells the same without screens, and nothing after its disposal", needsTmux, async (context) => {
  const { server, paneId } = await fleet(context, "cat");
  const kinds: string[] = [];
  const stream = server.streamOutput("lead", ({ kind }) => void kinds.push(kind));
  await until("it listens", async () => {
    await server.pressKey(paneId, "a", never);
    return kinds.includes("output");
  });
  await stream[Symbol.asyncDispose]();
  const before = kinds.length;
  await server.endSession("lead", never);
  assert.equal(kinds.length, before);
});

test("a program is never slowed down by who follows it, nor by one that stands still", needsTmux, async (context) => {
  const { server, run, paneId } = await fleet(context, "sh", "-c", "read x; seq 1 200000; echo finished; cat");
  let count = 0;
  const stream = server.streamOutput("lead", () => {
    count += 1;
    const untilMs = performance.now() + 2;
    while (performance.now() < untilMs);
  });
  await until("it is attached", async () => (await run("list-clients", "-F", "#{client_flags}")).includes("pause-after=5"));
  await server.pressKey(paneId, "Enter", never);
  await until("it is through", async () => (await run("capture-pane", "-p", "-t", "=lead:")).includes("finished"));
  assert.ok(count > 0);
  await stream[Symbol.asyncDispose]();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted } from "@mosaic/core";
import { MosaicError } from "@mosaic/core/light";
import type { FleetHandlers, Takeover } from "@mosaic/rpc";
import { type AttachTerminalResponse, AttachTerminalResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
const terminal = { columns: 100, rows: 4 };

type Attach = FleetHandlers["attachTerminal"];
const frame = (value: AttachTerminalResponse["frame"]) => create(AttachTerminalResponseSchema, { frame: value });
const attached = (...others: string[]) =>
  create(AttachTerminalResponseSchema, { frame: { case: "attached", value: { attachId: "a-1", agent, others } } });
const screen = (...lines: string[]) =>
  create(AttachTerminalResponseSchema, { frame: { case: "screen", value: { agent, columns: 120, rows: lines.length, lines } } });
const gone = (reason: string) => create(AttachTerminalResponseSchema, { frame: { case: "end", value: { reason } } });

/** A server that shows each chunk of keys on the screen, and ends with the keys. */
function echoing(...others: string[]) {
  const seen: { open: Takeover["open"] | undefined; keys: string; isOver: boolean } = {
    open: undefined,
    keys: "",
    isOver: false,
  };
  const attachTerminal: Attach = async function* ({ open, input }) {
    seen.open = open;
    yield attached(...others);
    yield screen("ready");
    for await (const data of input) {
      seen.keys += Buffer.from(data).toString("utf8");
      yield screen(`typed ${seen.keys.replaceAll(/[\x00-\x1f]/g, "^")}`);
    }
    seen.isOver = true;
  };
  return { attachTerminal, seen };
}

function start(attachTerminal: Attach, options: MemoryIoOptions = { terminal }, argv = ["alpha/lead"]) {
  const io = memoryIo(options);
  const remote = memoryRemote({ [NODE]: { streams: { attachTerminal } } });
  return { io, remote, running: runCli(["agent", "attach", ...argv], io, { deps: { remote } }) };
}

test("keys go to the agent, Ctrl-C too; Ctrl-] leaves, and everything is put back", async () => {
  const { attachTerminal, seen } = echoing();
  const { io, running } = start(attachTerminal);
  await io.stdout.shows(/ready/);
  assert.ok(io.stdout.text.startsWith(ENTER));
  for (const keys of ["hi q", "\x03", "\x1b[A", "\r"]) io.press(keys);
  await io.stdout.shows(/typed hi q\^\^\[A\^/);
  io.press("x\x1d");
  assert.equal(await running, 0);
  assert.deepEqual([seen.keys, seen.isOver], ["hi q\x03\x1b[A\rx", true]);
  assert.ok(io.stdout.text.endsWith(LEAVE));
  assert.deepEqual([io.isRaw, io.stderr.text], [false, "mosaic: left team-a/alpha/lead, which goes on\n"]);
});

test("the status line says where keys go, how to leave, and who else is there", async () => {
  const { io, running } = start(echoing("desk:bob\x1b[2J").attachTerminal);
  await io.stdout.shows(/ATTACHED: your keys go to team-a\/alpha\/lead · Ctrl-\] leaves · 120x1 · also attached: desk:bob\\x1b/);
  io.press("\x1d");
  await running;
});

test("who types is told: this machine's operator, unless told otherwise", async () => {
  for (const [argv, label] of [
    [["lead"], "desk:operator"],
    [["lead", "--source-label", "desk:ada"], "desk:ada"],
  ] as const) {
    const { attachTerminal, seen } = echoing();
    const { io, running } = start(attachTerminal, { terminal }, [...argv]);
    await io.stdout.shows(/ready/);
    io.press("\x1d");
    await running;
    assert.deepEqual([seen.open?.sourceLabel, seen.open?.agent?.name], [label, "lead"]);
  }
});

test("a refusal before the takeover leaves the screen alone", async () => {
  const { io, running } = start(() => {
    throw new MosaicError("AGENT_NOT_RUNNING", "not running");
  });
  assert.deepEqual([await running, io.stdout.text, io.isRaw], [1, "", false]);
});

test("the terminal is put back when the agent's is gone, when the host is lost, and after SIGTERM", async () => {
  const ended = start(async function* () {
    yield attached();
    yield screen("one");
    yield gone("it ended\x1b[2J");
  });
  assert.equal(await ended.running, 0);
  assert.equal(ended.io.stderr.text, "mosaic: the terminal is gone: it ended\\x1b[2J\n");
  const lost = start(async function* () {
    yield attached();
    yield screen("one");
    throw new MosaicError("HOST_UNREACHABLE", "host lost");
  });
  assert.equal(await lost.running, 4);
  const stopped = start(echoing().attachTerminal);
  await stopped.io.stdout.shows(/ready/);
  stopped.io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  assert.equal(await stopped.running, 130);
  for (const { io } of [ended, lost, stopped]) assert.deepEqual([io.stdout.text.endsWith(LEAVE), io.isRaw], [true, false]);
});

test("a server that hangs does not keep whoever leaves", async () => {
  const { io, running } = start(async function* (_takeover, { signal }) {
    yield attached();
    yield screen("ready");
    await aborted(signal);
  });
  await io.stdout.shows(/ready/);
  io.press("\x1d");
  assert.equal(await running, 0);
});

test("without a terminal, on a dumb one, or for JSON it is refused, with what to type instead", async () => {
  const { attachTerminal } = echoing();
  const { io, running } = start(attachTerminal, {});
  assert.equal(await running, 2);
  assert.match(io.stderr.text, /needs a terminal.*\nhint: use mosaic agent send alpha\/lead --message/);
  assert.equal(await start(attachTerminal, { terminal, env: { TERM: "dumb" } }).running, 2);
  assert.equal(await start(attachTerminal, { terminal }, ["lead", "--json"]).running, 2);
});

test("without a daemon it says how to start one", async () => {
  const io = memoryIo({ terminal });
  assert.equal(await runCli(["agent", "attach", "lead"], io, { deps: { remote: memoryRemote({}) } }), 4);
  assert.match(io.stderr.text, /hint: mosaic gateway start; .*: mosaic-node\n/);
});

test("a server that answers with something else is a fault, and the screen is left alone", async () => {
  const { io, running } = start(async function* () {
    yield frame({ case: "screen", value: screen("x").frame.value as never });
  });
  assert.deepEqual([await running, io.stdout.text], [1, ""]);
});

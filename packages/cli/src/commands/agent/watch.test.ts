import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core/light";
import type { FleetHandlers } from "@mosaic/rpc";
import { type WatchTerminalResponse, WatchTerminalResponseSchema } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

type WatchTerminal = FleetHandlers["watchTerminal"];

function screen(lines: string[]): WatchTerminalResponse {
  return create(WatchTerminalResponseSchema, {
    frame: {
      case: "screen",
      value: { agent, columns: 120, rows: lines.length, lines, cursor: { column: 2, row: 1, visible: true } },
    },
  });
}

function change(row: number, text: string): WatchTerminalResponse {
  return create(WatchTerminalResponseSchema, { frame: { case: "change", value: { lines: [{ row, text }] } } });
}

/** Yields these and then stays open until the caller hangs up. */
function showing(...frames: WatchTerminalResponse[]): { watchTerminal: WatchTerminal; hungUp: Promise<void> } {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  return {
    hungUp,
    async *watchTerminal(_request, { signal }) {
      try {
        yield* frames;
        await new Promise<void>((end) => signal.addEventListener("abort", () => end()));
      } finally {
        resolve();
      }
    },
  };
}

function start(
  watchTerminal: WatchTerminal,
  options: MemoryIoOptions = { terminal: { columns: 60, rows: 4 } },
  argv = ["alpha/lead"],
) {
  const io = memoryIo(options);
  const remote = memoryRemote({ [NODE]: { streams: { watchTerminal } } });
  return { io, remote, running: runCli(["agent", "watch", ...argv], io, { deps: { remote } }) };
}

test("the screen is drawn with its colours and a status line, and only with those", async () => {
  const { watchTerminal, hungUp } = showing(screen(["\x1b[31mred\x1b[0m\x1b]0;owned\x07", "two\x1b[2J\x1b[6n", "three"]));
  const { io, running } = start(watchTerminal);
  await io.stdout.shows(/WATCHING/);
  const drawn = io.stdout.text.slice(ENTER.length);
  assert.ok(io.stdout.text.startsWith(ENTER));
  assert.match(drawn, /\x1b\[1;1H\x1b\[0m\x1b\[K\x1b\[31mred\x1b\[0m\x1b\[0m\x1b\[2;1H\x1b\[0m\x1b\[Ktwo\x1b\[0m/);
  assert.match(
    drawn,
    /\x1b\[4;1H\x1b\[7m WATCHING team-a\/alpha\/lead · 120x3 · read-only · q quits {3}\x1b\[0m\x1b\[2;3H\x1b\[\?25h$/,
  );
  assert.doesNotMatch(drawn, /owned|\x1b\[2J|\x1b\[6n|\x1b\]/);
  io.press("q");
  assert.equal(await running, 0);
  assert.ok(io.stdout.text.endsWith(LEAVE));
  assert.equal(io.isRaw, false);
  await hungUp;
});

test("changed lines are drawn; lines outside the screen are not", async () => {
  const { watchTerminal } = showing(screen(["one", "two"]), change(1, "zwei"), change(99, "nowhere"));
  const { io, running } = start(watchTerminal);
  await io.stdout.shows(/zwei/);
  io.press("Q");
  assert.equal(await running, 0);
  assert.doesNotMatch(io.stdout.text, /nowhere/);
});

test("a screen larger than the terminal is cropped, and the part with the cursor is shown", async () => {
  const large = screen(Array.from({ length: 40 }, (_, row) => `row${row} ${"x".repeat(100)}`));
  if (large.frame.case === "screen")
    large.frame.value.cursor = { $typeName: "mosaic.fleet.v1.Cursor", column: 90, row: 30, visible: true };
  const { watchTerminal } = showing(large);
  const { io, running } = start(watchTerminal, { terminal: { columns: 20, rows: 4 } });
  await io.stdout.shows(/WATCHING/);
  for (const row of [28, 29, 30]) assert.match(io.stdout.text, new RegExp(`row${row} x{14}\x1b`));
  assert.doesNotMatch(io.stdout.text, /row27|row31/);
  // The cursor is beyond the edge, so it is not shown at all.
  assert.doesNotMatch(io.stdout.text, /\x1b\[\?25h/);
  const before = io.stdout.text.length;
  io.stdout.resize(30, 6);
  await io.stdout.shows(/row26 x{24}\x1b/, before);
  io.press("q");
  await running;
});

test("no key but the end does anything, and nothing that is pressed leaves this process", async () => {
  const { watchTerminal } = showing(screen(["one"]));
  const { io, remote, running } = start(watchTerminal);
  await io.stdout.shows(/WATCHING/);
  const callsBefore = remote.calls.length;
  for (const keys of ["a", "rm -rf ~\r", "\x1b[A", "\x1bOP", "\x1b[200~quit\x1b[201~", "\t", "\x04", "\x1a"]) io.press(keys);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(remote.calls.length, callsBefore);
  assert.ok(!io.stdout.text.endsWith(LEAVE));
  io.press("\x03");
  assert.equal(await running, 130);
});

test("Esc ends; an arrow key that arrives in two pieces does not", async () => {
  const { watchTerminal } = showing(screen(["one"]));
  const { io, running } = start(watchTerminal);
  await io.stdout.shows(/WATCHING/);
  io.press("\x1b");
  io.press("[A");
  io.press("\x1b");
  assert.equal(await running, 0);
});

test("the terminal is put back when the agent's is gone, and the reason is told", async () => {
  const end = create(WatchTerminalResponseSchema, { frame: { case: "end", value: { reason: "the agent ended\x1b[2J" } } });
  const { io, running } = start(async function* () {
    yield screen(["one"]);
    yield end;
  });
  assert.equal(await running, 0);
  assert.ok(io.stdout.text.endsWith(LEAVE));
  assert.equal(io.stderr.text, "mosaic: the terminal is gone: the agent ended\\x1b[2J\n");
});

test("the terminal is put back after an error and after SIGTERM", async () => {
  const broken = start(async function* () {
    yield screen(["one"]);
    throw new MosaicError("HOST_UNREACHABLE", "host lost");
  });
  assert.equal(await broken.running, 4);
  assert.ok(broken.io.stdout.text.endsWith(LEAVE));
  assert.match(broken.io.stderr.text, /host lost/);
  const stopped = start(showing(screen(["one"])).watchTerminal);
  await stopped.io.stdout.shows(/WATCHING/);
  stopped.io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  assert.equal(await stopped.running, 130);
  assert.ok(stopped.io.stdout.text.endsWith(LEAVE));
  assert.equal(stopped.io.isRaw, false);
});

test("a refusal before the first frame leaves the screen alone", async () => {
  const { io, running } = start(() => {
    throw new MosaicError("AGENT_NOT_FOUND", "no such agent");
  });
  assert.equal(await running, 1);
  assert.equal(io.stdout.text, "");
});

test("without a terminal it is refused, with what to type instead", async () => {
  const { io, running } = start(showing().watchTerminal, {});
  assert.equal(await running, 2);
  assert.match(io.stderr.text, /hint: use mosaic agent tail alpha\/lead --follow/);
  assert.equal(await start(showing().watchTerminal, { terminal: { columns: 80, rows: 24 }, env: { TERM: "dumb" } }).running, 2);
  assert.equal(await start(showing().watchTerminal, { terminal: { columns: 80, rows: 24 } }, ["lead", "--json"]).running, 2);
});

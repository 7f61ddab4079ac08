import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import { anAgent, FakeClock, FakeTerminal, settle } from "@mosaic/testkit";
import { TailRequestSchema, type TailResponse, WatchTerminalRequestSchema, type WatchTerminalResponse } from "@mosaic/wire";
import { tailPane, watchPane } from "./terminal-streams.ts";

function setUp() {
  const clock = new FakeClock();
  const terminal = new FakeTerminal(clock);
  const pane = terminal.addSession("lead", "stub");
  terminal.print("lead", "first");
  const agent = anAgent({ pane: { paneId: pane.paneId, session: "lead", alive: true } });
  const call = new AbortController();
  const tail = (fields: { lines?: number; follow?: boolean } = {}) =>
    tailPane({ terminal, clock }, agent, create(TailRequestSchema, fields), call.signal);
  const watch = (minIntervalMs = 0) =>
    watchPane({ terminal, clock }, agent, create(WatchTerminalRequestSchema, { minIntervalMs }), call.signal);
  return { clock, terminal, pane, call, tail, watch };
}

/** Reads a stream in the background. */
function collect<T>(stream: AsyncIterable<T>) {
  const seen: T[] = [];
  const box: { seen: T[]; end: string } = { seen, end: "" };
  void (async () => {
    for await (const one of stream) seen.push(one);
  })().then(
    () => {
      box.end = "done";
    },
    (thrown: unknown) => {
      box.end = thrown instanceof MosaicError ? thrown.code : String(thrown);
    },
  );
  return box;
}

const lines = (box: { seen: TailResponse[] }) => box.seen.flatMap((one) => one.lines);
const kinds = (box: { seen: WatchTerminalResponse[] }) => box.seen.map((one) => one.frame.case);

test("following looks at most ten times a second, however much is printed, and loses nothing", async () => {
  const { clock, terminal, tail, call } = setUp();
  const box = collect(tail({ follow: true }));
  await settle();
  for (let index = 0; index < 50; index += 1) {
    terminal.print("lead", `line ${index}`);
    await clock.advance(10);
  }
  await clock.advance(200);
  assert.ok(box.seen.length <= 8, `${box.seen.length} messages in half a second`);
  assert.deepEqual(lines(box), ["first", ...Array.from({ length: 50 }, (_, index) => `line ${index}`)]);
  call.abort();
  await settle();
  assert.deepEqual([terminal.outputWatcherCount, clock.sleeperCount], [0, 0]);
});

test("following reaches back as far as was asked for, and onwards from there", async () => {
  const { clock, terminal, tail } = setUp();
  terminal.print("lead", ...Array.from({ length: 60 }, (_, index) => `old ${index}`));
  const box = collect(tail({ lines: 2, follow: true }));
  await settle();
  terminal.print("lead", "new");
  await clock.advance(200);
  assert.deepEqual(lines(box), ["old 58", "old 59", "new"]);
});

test("what a terminal still printed when it went may be lost, but the end is an end and no error", async () => {
  for (const isOutputFirst of [true, false]) {
    const { clock, terminal, pane, tail, watch } = setUp();
    const tailed = collect(tail({ follow: true }));
    const watched = collect(watch());
    await clock.advance(100);
    // tmux may tell of output for a pane that is gone by the time it is looked at.
    if (isOutputFirst) {
      const { capture } = terminal;
      terminal.capture = async () => {
        throw new MosaicError("AGENT_NOT_RUNNING", `pane ${pane.paneId} is gone`);
      };
      terminal.print("lead", "last words");
      await clock.advance(100);
      terminal.capture = capture;
    }
    terminal.endSession("lead");
    await clock.advance(200);
    assert.deepEqual([tailed.end, watched.end], ["done", "done"]);
    assert.deepEqual(kinds(watched), ["screen", "end"]);
  }
});

test("a terminal that can't be read for another reason is an error", async () => {
  const { clock, terminal, watch } = setUp();
  const box = collect(watch());
  await clock.advance(100);
  terminal.capture = async () => {
    throw new MosaicError("MACHINE", "tmux does not answer");
  };
  terminal.print("lead", "x");
  await clock.advance(100);
  assert.equal(box.end, "MACHINE");
  assert.equal(terminal.outputWatcherCount, 0);
});

test("frames come no closer than asked for, and at least 20 ms apart", async () => {
  for (const [asked, expected] of [
    [0, 50],
    [1, 20],
    [200, 200],
  ] as const) {
    const { clock, terminal, watch, call } = setUp();
    const box = collect(watch(asked));
    for (let ms = 0; ms < 1000; ms += 5) {
      terminal.print("lead", `at ${ms}`);
      await clock.advance(5);
    }
    const frames = box.seen.length;
    assert.ok(frames <= 1000 / expected + 1 && frames >= 1000 / expected / 2, `${frames} frames for ${asked}`);
    call.abort();
    await settle();
  }
});

test("a viewer that reads slowly gets the screen as it is then, and not all that it missed", async () => {
  const { clock, terminal, pane, watch } = setUp();
  const frames = watch();
  await frames.next();
  for (let index = 0; index < 500; index += 1) terminal.print("lead", `line ${index}`);
  const coming = frames.next();
  await clock.advance(100);
  const { value } = await coming;
  assert.ok(value?.frame.case === "change");
  const shown = new Map(value.frame.value.lines.map(({ row, text }: { row: number; text: string }) => [row, text]));
  assert.deepEqual([...shown.values()].at(-1), "line 499");
  assert.equal(shown.size, pane.rows);
  await frames.return(undefined);
  assert.equal(terminal.outputWatcherCount, 0);
});

test("a full-screen program is named as one", async () => {
  const { pane, tail } = setUp();
  pane.isAlternateScreen = true;
  const { value } = await tail({ lines: 500 }).next();
  assert.deepEqual([value?.alternateScreen, value?.lines], [true, ["first"]]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import { castText, recordingsHome } from "./home-for-tests.ts";

const ID = "20251121T100000500Z-3f9a1c";
const TERMINAL = { columns: 100, rows: 30 };

/** Time that passes as fast as it is slept through, and remembers for how long. */
function quickClock() {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    clock: {
      nowUnixMs: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: async (ms: number) => {
        slept.push(Math.round(ms));
        nowMs += ms;
      },
    },
  };
}

async function recorded(context: Parameters<typeof recordingsHome>[0], text: string) {
  const home = await recordingsHome(context);
  await home.add(`lead/${ID}`, { text });
  return home;
}

test("what the terminal shows at the end is printed, with what scrolled away", async (context) => {
  const numbers = Array.from({ length: 40 }, (_, index) => `line ${index}\r\n`).join("");
  const home = await recorded(context, castText([0.1, "o", numbers], [0.2, "o", "gone\r\x1b[2K\x1b[31mred\x1b[0m ä漢🙂"]));
  const { io, ended } = home.run(["show", ID]);
  assert.equal(await ended, 0);
  const lines = io.stdout.text.trimEnd().split("\n");
  assert.deepEqual([lines.length, lines[0], lines[39], lines[40]], [41, "line 0", "line 39", "red ä漢🙂"]);
  const tail = home.run(["show", ID.slice(0, 8), "-n", "2"]);
  assert.equal(await tail.ended, 0);
  assert.equal(tail.io.stdout.text, "line 39\nred ä漢🙂\n");
});

test("the fields of mosaic.sessions.show/1, at a moment on the alternate screen", async (context) => {
  const text = castText([1, "o", "before\x1b[?1049h\x1b[Hfull"], [2, "r", "40x10"], [3.5, "o", "\x1b[?1049l"], [9, "o", "after"]);
  const home = await recorded(context, text);
  const { io, ended } = home.run(["show", ID, "--at", "3s", "--json"]);
  assert.equal(await ended, 0);
  assert.deepEqual(JSON.parse(io.stdout.text), {
    schema: "mosaic.sessions.show/1",
    complete: true,
    id: ID,
    agent: "lead",
    is_being_written: false,
    at_ms: 2000,
    duration_ms: 9000,
    columns: 40,
    rows: 10,
    alternate_screen: true,
    lines: ["full"],
  });
});

test("nothing of what is shown can act on the terminal, and torn lines are told", async (context) => {
  const home = await recorded(
    context,
    `${castText([1, "o", "a\x1b]52;c;eA==\x07\x9b31mb\u202e\x1bktitle\x1b\\c"])}torn\n[2,"o","d`,
  );
  const { io, ended } = home.run(["show", ID]);
  assert.equal(await ended, 0);
  assert.equal(io.stdout.text, "a31mbc\n");
  assert.equal(io.stderr.text, "mosaic: 2 lines of the recording can't be read\n");
});

test("a long line that the terminal wrapped is one line", async (context) => {
  const home = await recorded(context, castText([1, "o", `${"x".repeat(200)}\r\nshort`]));
  const { io, ended } = home.run(["show", ID]);
  await ended;
  assert.equal(io.stdout.text, `${"x".repeat(200)}\nshort\n`);
});

test("an unknown id is answered with near ones, a file of something else is refused", async (context) => {
  const home = await recorded(context, "what is this?\n");
  const missing = home.run(["show", "20251121T100000500Z-3f9a1d"]);
  assert.equal(await missing.ended, 2);
  assert.match(
    missing.io.stderr.text,
    /no recording "20251121T100000500Z-3f9a1d"\nhint: did you mean 20251121T100000500Z-3f9a1c\?/,
  );
  const wrong = home.run(["show", ID]);
  assert.equal(await wrong.ended, 2);
  assert.match(wrong.io.stderr.text, /is no recording/);
});

test("it plays in the terminal, in its own time, faster when asked, with shorter pauses", async (context) => {
  const text = castText([1, "o", "one\x1b]0;title\x07"], [1.5, "o", "\x1b[1mtwo"], [61.5, "o", "three"]);
  const home = await recorded(context, text);
  const own = quickClock();
  const first = home.run(["show", ID, "--play"], { terminal: TERMINAL, clock: own.clock });
  assert.equal(await first.ended, 0);
  assert.deepEqual(own.slept, [1000, 500, 60_000]);
  assert.match(first.io.stdout.text, /^one\x1b\[1mtwothree\x18.*\x1b\[\?25h.*\r\n$/s);
  const quick = quickClock();
  const second = home.run(["show", ID, "--play", "--speed", "2", "--idle-limit", "300ms"], {
    terminal: TERMINAL,
    clock: quick.clock,
  });
  assert.equal(await second.ended, 0);
  assert.deepEqual(quick.slept, [300, 250, 300]);
  const late = quickClock();
  await home.run(["show", ID, "--play", "--at", "60s"], { terminal: TERMINAL, clock: late.clock }).ended;
  assert.deepEqual(late.slept, [1500]);
});

test("q and Ctrl-C end a playback and give the terminal back", async (context) => {
  const home = await recorded(context, castText([0, "o", "one"], [3600, "o", "two"]));
  for (const [key, exitCode] of [
    ["q", 0],
    ["\x03", 130],
  ] as const) {
    const { io, ended } = home.run(["show", ID, "--play"], { terminal: TERMINAL });
    await io.stdout.shows(/one/);
    io.press("x");
    io.press(key);
    assert.equal(await ended, exitCode);
    assert.doesNotMatch(io.stdout.text, /two/);
    assert.match(io.stdout.text, /\x1b\[\?25h/);
    assert.equal(io.isRaw, false);
  }
  const { io, ended } = home.run(["show", ID, "--play"], { terminal: TERMINAL });
  await io.stdout.shows(/one/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  assert.equal(await ended, 130);
});

test("a terminal smaller than the recorded one is told of", async (context) => {
  const home = await recorded(context, castText([0, "o", "one"]));
  const { io, ended } = home.run(["show", ID, "--play"], { terminal: { columns: 60, rows: 24 } });
  assert.equal(await ended, 0);
  assert.match(io.stderr.text, /recorded at 80x24, and this terminal is 60x24/);
});

test("flags that make no sense are refused", async (context) => {
  const home = await recorded(context, castText([0, "o", "one"]));
  assert.equal(await home.run(["show", ID, "--play"]).ended, 2);
  assert.equal(await home.run(["show", ID, "--lines", "0"]).ended, 2);
  for (const more of [["--json"], ["--speed", "0"], ["--speed", "fast"]])
    assert.equal(await home.run(["show", ID, "--play", ...more], { terminal: TERMINAL }).ended, 2, more.join(" "));
});

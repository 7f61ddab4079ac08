import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { FakeClock, settle } from "@mosaic/testkit";
import { FakeRecordingStore, FakeTapes } from "./recording-fakes-for-tests.ts";
import { SessionRecording } from "./session-recording.ts";

function start(limits = { maxFileBytes: 65_536, maxFiles: 3 }) {
  const clock = new FakeClock();
  const [store, tapes] = [new FakeRecordingStore(), new FakeTapes()];
  const failures: MosaicError[] = [];
  let count = 0;
  const newId = () => {
    count += 1;
    return `id-${String(count).padStart(6, "0")}`;
  };
  let ends = 0;
  const recording = new SessionRecording(
    { clock, store, tapes, newId },
    {
      agent: "lead",
      session: "lead",
      paneId: "%1",
      title: "team-a/alpha/lead",
      limits,
      onWritten: () => {},
      onEnded: () => {
        ends += 1;
      },
      onFailure: (error) => void failures.push(error),
    },
  );
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  /** What a file says after its opening, without the times. */
  const events = (file = 0) =>
    linesOf(store.textsOf("lead")[file] ?? "")
      .slice(2)
      .map(([, code, data]: [number, string, string]) => [code, data]);
  return { clock, store, tapes, tape: tapes.last, recording, failures, events, linesOf, ends: () => ends };
}

test("a file begins with a header and the screen as it is, then output with its time", async () => {
  const { clock, store, tape, linesOf } = start();
  assert.deepEqual(tape.asked, ["%1"]);
  tape.show("hello");
  await clock.advance(250);
  tape.print("a\x1b[1m");
  await clock.advance(1000);
  const [header, opening, output, ...more] = linesOf(store.textsOf("lead")[0] ?? "");
  assert.deepEqual(header, { version: 2, width: 80, height: 24, timestamp: 1_767_225_600, title: "team-a/alpha/lead" });
  assert.deepEqual(opening.slice(0, 2), [0, "o"]);
  assert.match(opening[2], /\x1b\[1;1Hhello/);
  assert.deepEqual([output, more], [[0.25, "o", "a\x1b[1m"], []]);
});

test("what is printed before the screen came is in the screen, and another pane's output is not recorded", async () => {
  const { clock, store, tape, events } = start();
  tape.print("early");
  await clock.advance(2000);
  assert.equal(store.files.size, 0);
  tape.show("early");
  tape.print("other", "%2");
  tape.print("mine");
  await clock.advance(2000);
  assert.deepEqual(events(), [["o", "mine"]]);
});

test("characters that are cut in two are whole, bytes that are none become U+FFFD", async () => {
  const { clock, tape, events } = start();
  tape.show("");
  tape.print(Uint8Array.of(0x61, 0xc3));
  tape.print(Uint8Array.of(0xa4, 0xff));
  await clock.advance(1000);
  assert.deepEqual(events(), [
    ["o", "a"],
    ["o", "ä\ufffd"],
  ]);
});

test("many small outputs are few writes, and none waits longer than a second", async () => {
  const { clock, store, tape } = start();
  tape.show("");
  for (let index = 0; index < 500; index++) tape.print(`line ${index}\r\n`);
  await clock.advance(999);
  assert.equal(store.appends, 0);
  await clock.advance(1);
  assert.equal(store.appends, 1);
  assert.match(store.textsOf("lead")[0] ?? "", /line 499/);
});

test("64 KB are not waited with", async () => {
  const { clock, store, tape } = start({ maxFileBytes: 1_000_000, maxFiles: 2 });
  tape.show("");
  await clock.advance(0);
  for (let index = 0; index < 70; index++) tape.print("x".repeat(1000));
  await clock.advance(0);
  assert.equal(store.appends, 1);
});

test("a resize is told where it happened, with the screen after it", async () => {
  const { clock, tape, events } = start();
  tape.show("before");
  tape.print("1");
  tape.tell({ kind: "resized", columns: 90, rows: 20 });
  tape.print("2");
  assert.deepEqual(tape.asked, ["%1"]);
  tape.show("after", { columns: 90, rows: 20 });
  tape.print("3");
  await clock.advance(1000);
  const told = events();
  assert.deepEqual(
    [told[0], told[1], told[2], told[4]],
    [
      ["o", "1"],
      ["o", "2"],
      ["r", "90x20"],
      ["o", "3"],
    ],
  );
  assert.match(String(told[3]?.[1]), /after/);
});

test("a gap is marked and followed by a fresh screen, and what comes between is left out", async () => {
  const { clock, tape, events } = start();
  tape.show("before");
  tape.print("1");
  tape.tell({ kind: "gap" });
  tape.print("lost");
  tape.show("after");
  tape.print("2");
  await clock.advance(1000);
  const told = events();
  assert.deepEqual([told[0], told[1], told[3], told.length], [["o", "1"], ["m", "output is missing here"], ["o", "2"], 4]);
  assert.match(String(told[2]?.[1]), /after/);
});

test("files end at their limit, never hold more, and there are never more than may be", async () => {
  const { clock, store, tape, events } = start();
  tape.show("start");
  for (let index = 0; index < 400; index++) {
    tape.print(`${"x".repeat(990)}\r\n`);
    if (tape.asked.length > 0) tape.show(`screen ${index}`);
    if (index % 20 === 0) await clock.advance(1000);
  }
  await clock.advance(1000);
  const texts = store.textsOf("lead");
  assert.equal(texts.length, 3);
  assert.equal(store.most, 3);
  for (const text of texts) {
    assert.ok(text.length <= 65_536, `${text.length} bytes`);
    assert.match(text, /^\{"version":2,.*\n\[0\.000000, "o", ".*screen/);
  }
  assert.ok((texts[0]?.length ?? 0) > 40_000);
  assert.equal(events(1).filter(([code]) => code !== "o").length, 0);
});

test("a screen that comes late costs output, which is marked, and never the limit", async () => {
  const { clock, store, tape, events } = start();
  tape.show("start");
  for (let index = 0; index < 200; index++) tape.print("x".repeat(990));
  await clock.advance(1000);
  assert.ok(Buffer.byteLength(store.textsOf("lead")[0] ?? "") <= 65_536);
  assert.deepEqual(events().at(-1), ["m", "output is missing here"]);
  tape.show("late");
  tape.print("on");
  await clock.advance(1000);
  assert.deepEqual(events(1), [["o", "on"]]);
});

test("a screen larger than the limit still leaves room for output", async () => {
  const { clock, store, tape } = start();
  tape.show("🙂".repeat(20_000));
  for (let index = 0; index < 20; index++) tape.print("y".repeat(1000));
  await clock.advance(1000);
  assert.equal(store.files.size, 1);
  assert.match(store.textsOf("lead")[0] ?? "", /yyy/);
});

test("a disk that stands still loses output and nothing else: memory is bounded, and a fresh screen follows", async () => {
  const { clock, store, tape, events } = start({ maxFileBytes: 50_000_000, maxFiles: 2 });
  const { promise, resolve } = Promise.withResolvers<void>();
  tape.show("start");
  await clock.advance(1000);
  store.stall = promise;
  for (let index = 0; index < 6000; index++) tape.print(`${index} ${"z".repeat(990)}`);
  await clock.advance(1000);
  assert.ok(tape.asked.length > 0);
  resolve();
  await settle();
  tape.show("after");
  tape.print("on");
  await clock.advance(1000);
  const told = events();
  assert.ok(told.length < 4500 && told.length > 3000, `${told.length}`);
  assert.deepEqual(told.at(-1), ["o", "on"]);
  assert.match(String(told.at(-2)?.[1]), /after/);
});

test("a full disk ends the recording with the reason, once, and leaves no empty file", async () => {
  const { clock, store, tape, failures } = start();
  tape.show("start");
  await clock.advance(1000);
  store.failure = new MosaicError("MACHINE", "cannot record to /x: no space is left on the disk");
  tape.print("1");
  await clock.advance(1000);
  tape.print("2");
  await clock.advance(5000);
  assert.equal(failures.length, 1);
  assert.match(failures[0]?.message ?? "", /no space/);
  assert.equal(store.files.size, 1);
});

test("a file that not even its opening went into is taken away again", async () => {
  const { clock, store, tape, failures } = start();
  const create = store.create.bind(store);
  store.create = async (agent, id) => ({
    ...(await create(agent, id)),
    append: () => Promise.reject(new MosaicError("MACHINE", "no space is left on the disk")),
  });
  tape.show("start");
  await clock.advance(1000);
  assert.deepEqual([failures.length, store.files.size], [1, 0]);
});

test("its end writes what waits and closes the file; a session's end is told", async () => {
  const { store, tape, recording, events, ends } = start();
  tape.show("start");
  tape.print("last words");
  tape.tell({ kind: "ended" });
  assert.equal(ends(), 1);
  await recording[Symbol.asyncDispose]();
  assert.deepEqual(events(), [["o", "last words"]]);
  assert.ok([...store.files.values()].every(({ isOpen }) => !isOpen));
  assert.equal(tape.isDisposed, true);
});

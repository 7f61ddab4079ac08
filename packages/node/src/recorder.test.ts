import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, parseRoster, silentLog } from "@mosaic/core";
import { FakeClock, FakeTerminal } from "@mosaic/testkit";
import { startRecorder } from "./recorder.ts";
import { FakeRecordingStore, FakeTapes } from "./recording/recording-fakes-for-tests.ts";

function rosterOf(agents: Readonly<Record<string, object | undefined>>) {
  const text = JSON.stringify({
    version: 1,
    transport: "tmux",
    tenant: "team-a",
    host: "alpha",
    agents: Object.entries(agents).map(([name, recording]) => ({ name, runtime: "stub", class: "worker", recording })),
  });
  return parseRoster(text, { file: "roster.yaml", defaultTenant: "team-a", defaultHost: "alpha" });
}

function start(agents: Readonly<Record<string, object | undefined>>) {
  const clock = new FakeClock();
  const terminal = new FakeTerminal(clock);
  const [store, tapes] = [new FakeRecordingStore(), new FakeTapes()];
  const roster = { value: rosterOf(agents) };
  let count = 0;
  const newId = () => {
    count += 1;
    return `id-${String(count).padStart(6, "0")}`;
  };
  let told = 0;
  const recorder = startRecorder({
    clock,
    terminal,
    store,
    tapes,
    roster,
    log: silentLog,
    newId,
    onProblems: () => {
      told += 1;
    },
  });
  // As the node does it.
  terminal.onChange(() => recorder.touch());
  const followed = () => tapes.all.filter((tape) => !tape.isDisposed).map(({ session }) => session);
  return { clock, terminal, store, tapes, roster, recorder, followed, told: () => told };
}

test("only agents that the roster wants recorded are, each in its own session", async () => {
  const { clock, terminal, followed, tapes, recorder } = start({ lead: undefined, "coder.0": {} });
  terminal.addSession("lead", "stub");
  const pane = terminal.addSession("coder~0", "stub");
  await clock.advance(200);
  assert.deepEqual(followed(), ["coder~0"]);
  assert.deepEqual(tapes.last.asked, [pane.facts().paneId]);
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(followed(), []);
});

test("without an agent to record nothing is looked at", async () => {
  const { clock, terminal, recorder } = start({ lead: undefined });
  for (let index = 0; index < 10; index++) recorder.touch();
  await clock.advance(20_000);
  assert.equal(terminal.listCount, 0);
  await recorder[Symbol.asyncDispose]();
});

test("recording follows the roster while the session runs, on and off", async () => {
  const { clock, terminal, roster, recorder, followed, tapes, store } = start({ lead: undefined });
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  roster.value = rosterOf({ lead: {} });
  recorder.touch();
  await clock.advance(200);
  assert.deepEqual(followed(), ["lead"]);
  tapes.last.show("x");
  roster.value = rosterOf({ lead: undefined });
  recorder.touch();
  await clock.advance(200);
  assert.deepEqual(followed(), []);
  assert.ok([...store.files.values()].every(({ isOpen }) => !isOpen));
  assert.equal(store.files.size, 1);
});

test("a session that starts anew, and a process that does in its pane, get new files", async () => {
  const { clock, terminal, recorder, tapes, store, followed } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  tapes.last.show("first");
  await clock.advance(1000);
  terminal.endSession("lead");
  tapes.last.tell({ kind: "ended" });
  await clock.advance(200);
  assert.deepEqual(followed(), []);
  terminal.addSession("lead", "stub");
  recorder.touch();
  await clock.advance(200);
  tapes.last.show("second");
  await clock.advance(1000);
  terminal.killProcess("lead", 1);
  recorder.touch();
  await clock.advance(200);
  assert.deepEqual(followed(), ["lead"], "a dead pane may still have output on its way");
  Object.assign(terminal.pane("lead"), { isDead: false, pid: 4711 });
  recorder.touch();
  await clock.advance(200);
  tapes.last.show("third");
  await clock.advance(1000);
  assert.equal(tapes.all.length, 3);
  const texts = store.textsOf("lead");
  assert.deepEqual(
    texts.map((text) => /first|second|third/.exec(text)?.[0]),
    ["first", "second", "third"],
  );
  await recorder[Symbol.asyncDispose]();
});

test("a dead pane is not recorded", async () => {
  const { clock, terminal, recorder, tapes } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  terminal.killProcess("lead", 1);
  await clock.advance(10_000);
  assert.equal(tapes.all.length, 0);
  await recorder[Symbol.asyncDispose]();
});

test("a full disk stops one agent's recording with a problem, is tried again after 60 s, and is well again after", async () => {
  const { clock, terminal, recorder, tapes, store, followed, told } = start({ lead: {}, coder0: {} });
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  store.failure = new MosaicError("MACHINE", "cannot record to /x: no space is left on the disk");
  tapes.last.show("x");
  await clock.advance(2000);
  assert.deepEqual([...recorder.problems()], [["lead", "cannot record to /x: no space is left on the disk"]]);
  assert.deepEqual(followed(), []);
  assert.equal(told(), 1);
  await clock.advance(50_000);
  assert.equal(tapes.all.length, 1);
  store.failure = undefined;
  await clock.advance(20_000);
  assert.deepEqual(followed(), ["lead"]);
  assert.equal(recorder.problems().size, 1, "only what is written is well");
  tapes.last.show("y");
  await clock.advance(2000);
  assert.equal(recorder.problems().size, 0);
  assert.equal(told(), 2);
  await recorder[Symbol.asyncDispose]();
});

test("the problem of an agent that is no longer to be recorded is none", async () => {
  const { clock, terminal, roster, recorder, tapes, store } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  store.failure = new MosaicError("MACHINE", "cannot record");
  tapes.last.show("x");
  await clock.advance(2000);
  roster.value = rosterOf({ lead: undefined });
  recorder.touch();
  await clock.advance(6000);
  assert.equal(recorder.problems().size, 0);
  await recorder[Symbol.asyncDispose]();
});

test("a session whose screen never comes is a problem, and not silence", async () => {
  const { clock, terminal, recorder } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  await clock.advance(40_000);
  assert.match(recorder.problems().get("lead") ?? "", /no screen of session "lead" came within 3\d s/);
  await recorder[Symbol.asyncDispose]();
});

test("a session that vanishes while it is looked at starts no storm", async () => {
  const { clock, terminal, recorder, tapes } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  for (let index = 0; index < 20; index++) {
    tapes.last.tell({ kind: "ended" });
    recorder.touch();
    await clock.advance(200);
  }
  assert.ok(tapes.all.length <= 4, `${tapes.all.length} attempts in 4 s`);
  await recorder[Symbol.asyncDispose]();
});

test("a tmux that does not answer disturbs nobody", async () => {
  const { clock, terminal, recorder, followed } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  terminal.failure = new Error("no answer");
  await clock.advance(10_000);
  terminal.failure = undefined;
  await clock.advance(10_000);
  assert.deepEqual(followed(), ["lead"]);
  await recorder[Symbol.asyncDispose]();
});

test("a disk that stands still is a problem after 30 s, is written to by one recording only, and holds up no end", async () => {
  const { clock, terminal, recorder, tapes, store } = start({ lead: {} });
  const disk = Promise.withResolvers<void>();
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  tapes.last.show("x");
  await clock.advance(2000);
  store.stall = disk.promise;
  tapes.last.print("lost");
  await clock.advance(28_000);
  assert.equal(recorder.problems().size, 0);
  await clock.advance(12_000);
  assert.match(recorder.problems().get("lead") ?? "", /^the disk takes nothing since 3\d s$/);
  await clock.advance(120_000);
  assert.equal(tapes.all.length, 1, "another one would hang beside it");
  disk.resolve();
  await clock.advance(6000);
  tapes.last.show("y");
  await clock.advance(2000);
  assert.deepEqual([tapes.all.length, recorder.problems().size], [2, 0]);
  store.stall = new Promise(() => {});
  tapes.last.print("z");
  await clock.advance(2000);
  const ended = recorder[Symbol.asyncDispose]();
  await clock.advance(5001);
  await ended;
});

test("an output that was lost, and whose screen never came, is a problem; an agent that is silent is none", async () => {
  const { clock, terminal, recorder, tapes } = start({ lead: {} });
  terminal.addSession("lead", "stub");
  await clock.advance(200);
  tapes.last.show("x");
  await clock.advance(600_000);
  assert.equal(recorder.problems().size, 0);
  tapes.last.tell({ kind: "gap" });
  await clock.advance(40_000);
  assert.match(recorder.problems().get("lead") ?? "", /no screen of session "lead" came within 3\d s/);
  await recorder[Symbol.asyncDispose]();
});

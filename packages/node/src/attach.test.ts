import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError, silentLog } from "@mosaic/core";
import { anAgent, eventually, FakeClock, FakeTerminal, RecordingAudit, settle } from "@mosaic/testkit";
import { AttachOpenSchema, type AttachTerminalResponse } from "@mosaic/wire";
import { attachPane } from "./attach.ts";
import { AttachRoll } from "./attach-roll.ts";

const text = (keys: string) => new TextEncoder().encode(keys);

function setUp(input: AsyncIterable<Uint8Array>, open: { sourceLabel?: string; minIntervalMs?: number } = {}) {
  const clock = new FakeClock();
  const terminal = new FakeTerminal(clock);
  const pane = terminal.addSession("lead", "stub");
  const audit = new RecordingAudit();
  const roll = new AttachRoll();
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (fields: unknown) => void warnings.push(fields) };
  const agent = anAgent({ pane: { paneId: pane.paneId, session: "lead", alive: true } });
  const call = new AbortController();
  const deps = { terminal, clock, keyboard: terminal, audit, roll, log, newId: () => "a-1" };
  const takeover = { open: create(AttachOpenSchema, open), input };
  const stream = attachPane(deps, agent, takeover, { signal: call.signal, carrier: "tcp" });
  return { clock, terminal, pane, audit, roll, warnings, call, stream };
}

/** Reads a stream in the background. */
function collect(stream: AsyncIterable<AttachTerminalResponse>) {
  const box: { kinds: (string | undefined)[]; end: string } = { kinds: [], end: "" };
  void (async () => {
    for await (const { frame } of stream) box.kinds.push(frame.case);
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

async function* endless() {
  yield text("a");
  await new Promise(() => {});
}

test("the records say who, from where, how long and how much", async () => {
  const { clock, call, audit, stream } = setUp(endless());
  const box = collect(stream);
  await clock.advance(4600);
  call.abort();
  await settle();
  assert.equal(box.end, "done");
  const who = { actor: "not said", tenantId: "team-a", host: "alpha", agent: "lead" };
  assert.deepEqual(audit.entries, [
    { action: "agent.attach", ...who, facts: { attach_id: "a-1", carrier: "tcp" } },
    { action: "agent.detach", ...who, facts: { attach_id: "a-1", seconds: 5, bytes: 1 } },
  ]);
});

test("nothing is left of a takeover: no watcher, no sleeper, nobody on the roll", async () => {
  const { clock, call, terminal, roll, stream } = setUp(endless(), { sourceLabel: "ada" });
  collect(stream);
  await clock.advance(100);
  assert.deepEqual(roll.enter("lead", "a-2", "bob", Promise.resolve()), ["ada"]);
  roll.leave("lead", "a-2");
  call.abort();
  await settle();
  assert.deepEqual(roll.enter("lead", "a-3", "cy", Promise.resolve()), []);
  await settle();
  assert.deepEqual([terminal.outputWatcherCount, clock.sleeperCount], [0, 0]);
});

test("frames come 25 ms apart unless told otherwise", async () => {
  for (const [asked, expected] of [
    [0, 25],
    [100, 100],
  ] as const) {
    const { clock, call, terminal, stream } = setUp(endless(), { minIntervalMs: asked });
    const box = collect(stream);
    for (let ms = 0; ms < 1000; ms += 5) {
      terminal.print("lead", `at ${ms}`);
      await clock.advance(5);
    }
    const frames = box.kinds.length - 1;
    assert.ok(frames <= 1000 / expected + 1 && frames >= 1000 / expected / 2, `${frames} frames for ${asked}`);
    call.abort();
    await settle();
  }
});

test("the next keys are read when those before are typed", async () => {
  let given = 0;
  async function* keys() {
    for (; given < 1000; given += 1) yield text("a");
  }
  const { terminal, call, stream } = setUp(keys());
  const { promise: free, resolve } = Promise.withResolvers<void>();
  terminal.beforeBytes = () => free;
  collect(stream);
  await settle();
  assert.ok(given <= 1, `${given} chunks were read`);
  resolve();
  await eventually("all are typed", () => terminal.typed.length === 1000);
  call.abort();
  await settle();
});

test("an end that can't be recorded is an end all the same, and is logged", async () => {
  const { audit, call, warnings, stream, clock } = setUp(endless());
  const box = collect(stream);
  await clock.advance(100);
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  call.abort();
  await settle();
  assert.deepEqual([box.end, warnings.length], ["done", 1]);
});

test("a terminal that refuses keys for another reason than its end is an error", async () => {
  const { terminal, audit, stream, clock } = setUp(endless());
  terminal.beforeBytes = async () => {
    throw new MosaicError("MACHINE", "tmux does not answer");
  };
  const box = collect(stream);
  await clock.advance(100);
  assert.equal(box.end, "MACHINE");
  assert.equal(audit.of("agent.detach").length, 1);
});

test("a node that stops waits for the record of an end, but not for ever", async () => {
  const roll = new AttachRoll();
  const clock = new FakeClock();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  roll.enter("lead", "a-1", "ada", ended);
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  void roll.allEnded(clock, 2000).then(over);
  await clock.advance(1000);
  assert.equal(isOver, false);
  resolve();
  await settle();
  assert.deepEqual([isOver, clock.sleeperCount], [true, 0]);
  roll.enter("lead", "a-2", "ada", new Promise(() => {}));
  isOver = false;
  void roll.allEnded(clock, 2000).then(over);
  await clock.advance(2000);
  assert.equal(isOver, true);
});

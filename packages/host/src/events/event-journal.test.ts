import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type FleetEvent, type Happening, type Log, silentLog } from "@mosaic/core";
import { FakeClock } from "@mosaic/testkit";
import { eventFileBytes, type OpenEventJournalOptions, openEventJournal } from "./open-event-journal.ts";
import { readEventsBack } from "./read-events-back.ts";

async function journalIn(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-events-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "events/node.jsonl");
  const clock = new FakeClock();
  const open = (options: Partial<OpenEventJournalOptions> = {}) =>
    openEventJournal({ path, clock, log: silentLog, random: Math.random, ...options });
  return { folder, path, clock, open };
}

function happening(agent: string, fields: Partial<Happening> = {}): Happening {
  const what = { kind: "agent.died", from: "READY", to: "DEAD", reason: "", traceparent: "" } as const;
  return { ...what, tenantId: "team-a", host: "alpha", agent, ...fields };
}

async function agentsIn(path: string): Promise<string[]> {
  const agents: string[] = [];
  for await (const { agent } of readEventsBack(path)) agents.push(agent);
  return agents.reverse();
}

test("events are written together, in order, for this user alone, and are there for the next one", async (context) => {
  const { path, clock, open } = await journalIn(context);
  const journal = await open();
  for (const agent of ["a", "b", "c"]) journal.record(happening(agent));
  assert.deepEqual(await agentsIn(path), [], "not at once");
  await clock.advance(200);
  await journal[Symbol.asyncDispose]();
  assert.deepEqual(await agentsIn(path), ["a", "b", "c"]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const next = await open();
  assert.deepEqual(
    next.takeBefore().map(({ agent }) => agent),
    ["a", "b", "c"],
  );
  next.record(happening("d"));
  await next[Symbol.asyncDispose]();
  const ids: string[] = [];
  for await (const { id } of readEventsBack(path)) ids.push(id);
  assert.deepEqual(ids, [...ids].sort().reverse());
  assert.equal(ids.length, 4);
});

test("what a crash left of a line is passed over and named, and the next event has a line of its own", async (context) => {
  const { path, open } = await journalIn(context);
  const journal = await open();
  journal.record(happening("whole"));
  await journal[Symbol.asyncDispose]();
  await appendFile(path, '{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","at":"2026-');
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (_fields, message) => void warnings.push(message) };
  const next = await open({ log });
  assert.match(warnings.join(), /a crash cut them short/);
  next.record(happening("after"));
  await next[Symbol.asyncDispose]();
  assert.deepEqual(await agentsIn(path), ["whole", "after"]);
});

test("a full file is put aside, and no more files are kept than are meant to be", async (context) => {
  const { path, folder, open } = await journalIn(context);
  const journal = await open({ maxFileBytes: 1000, maxFiles: 3, gatherMs: 0 });
  for (let count = 0; count < 40; count += 1) {
    journal.record(happening(`agent-${count}`));
    for (let turn = 0; turn < 50 && !(await agentsIn(path)).includes(`agent-${count}`); turn += 1)
      await new Promise(setImmediate);
  }
  await journal[Symbol.asyncDispose]();
  assert.deepEqual((await readdir(join(folder, "events"))).sort(), ["node.jsonl", "node.jsonl.1", "node.jsonl.2"]);
  const agents = await agentsIn(path);
  assert.equal(agents.at(-1), "agent-39");
  assert.ok(agents.length > 10 && agents.length < 30, `${agents.length} are kept`);
  const first = 40 - agents.length;
  assert.deepEqual(
    agents,
    Array.from({ length: agents.length }, (_, index) => `agent-${first + index}`),
    "without a gap",
  );
});

test("where nothing can be written what finds no place is counted, and the count is written when there is room", async (context) => {
  const { folder, path, clock, open } = await journalIn(context);
  // A file where the folder should be: every write fails.
  await writeFile(join(folder, "events"), "");
  const journal = await open();
  for (let count = 0; count < 1005; count += 1) journal.record(happening(`agent-${count}`));
  await clock.advance(30_000);
  await rm(join(folder, "events"));
  await clock.advance(5000);
  await journal[Symbol.asyncDispose]();
  const events: FleetEvent[] = [];
  for await (const event of readEventsBack(path)) events.push(event);
  const [newest] = events;
  assert.deepEqual([events.length, newest?.kind, newest?.count], [1001, "events.dropped", 5]);
});

test("who reads back meanwhile gets what is not on disk yet, each once", async (context) => {
  const { clock, open } = await journalIn(context);
  await using journal = await open();
  journal.record(happening("written"));
  await clock.advance(300);
  journal.record(happening("waiting"));
  const agents: string[] = [];
  for await (const { agent } of journal.readBack()) agents.push(agent);
  assert.deepEqual(agents, ["waiting", "written"]);
});

test("what flaps is one event with its count when the minute is over", async (context) => {
  const { path, clock, open } = await journalIn(context);
  const journal = await open();
  for (let count = 0; count < 10; count += 1) journal.record(happening("flapping"));
  const told: number[] = [];
  using _listening = journal.onRecorded(({ count }) => void told.push(count));
  await clock.advance(59_000);
  assert.deepEqual(told, []);
  await clock.advance(1000);
  assert.deepEqual(told, [5]);
  await journal[Symbol.asyncDispose]();
  const counts: number[] = [];
  for await (const { count } of readEventsBack(path)) counts.push(count);
  assert.deepEqual(counts, [5, 1, 1, 1, 1, 1]);
});

test("how much a journal may take is said in MB, all files together", () => {
  assert.deepEqual([eventFileBytes(undefined), eventFileBytes("32"), eventFileBytes("1")], [8_388_608, 8_388_608, 262_144]);
  for (const odd of ["", "0", "-1", "1.5", "10001", "8MB"])
    assert.throws(() => eventFileBytes(odd), /MOSAIC_EVENTS_MB is .* not a whole number/);
});

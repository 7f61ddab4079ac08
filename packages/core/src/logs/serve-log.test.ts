import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FakeClock, settle } from "@mosaic/testkit";
import { LogLevel, ReadLogRequestSchema, type ReadLogResponse } from "@mosaic/wire";
import type { ArchivedLine, LogArchive } from "../ports/log-archive.ts";
import { LogRing } from "./log-ring.ts";
import { serveLog } from "./serve-log.ts";
import { StreamPlaces } from "./stream-places.ts";

const line = (level: number, time: number, msg: string, more = {}) => JSON.stringify({ level, time, role: "node", msg, ...more });
const archived = (text: string): ArchivedLine => ({ text, atUnixMs: 0, isAbout: false });

function setUp(lines: readonly string[] = [], archive?: LogArchive, maxLines = 100) {
  const clock = new FakeClock();
  const ring = new LogRing({ epoch: "e-1", maxLines });
  for (const each of lines) ring.add(each);
  const places = new StreamPlaces(2, "readers of this log");
  const source = { tenantId: "team-a", host: "alpha", id: "h-1" };
  const own = { ring, role: "node", ...(archive ? { archive } : {}) } as const;
  const stop = new AbortController();
  const serve = (request: MessageInitShape<typeof ReadLogRequestSchema>) =>
    serveLog({ own, clock, places, source }, create(ReadLogRequestSchema, request), stop.signal);
  return { clock, ring, serve, stop };
}

async function all(responses: AsyncIterable<ReadLogResponse>): Promise<ReadLogResponse[]> {
  const found: ReadLogResponse[] = [];
  for await (const response of responses) found.push(response);
  return found;
}

const said = (responses: readonly ReadLogResponse[]) => responses.flatMap(({ lines }) => lines.map(({ message }) => message));

test("the last lines of a level are sent with who speaks, and that is all", async () => {
  const { serve } = setUp([line(30, 1, "one"), line(40, 2, "two", { host: "beta", code: 7, ok: false }), line(50, 3, "three")]);
  const responses = await all(serve({ lines: 2, minLevel: LogLevel.WARN }));
  assert.deepEqual(said(responses), ["two", "three"]);
  assert.deepEqual([responses[0]?.source?.host, responses.at(-1)?.caughtUp], ["alpha", true]);
  assert.deepEqual(
    responses[0]?.lines[0]?.fields.map(({ name, value }) => [name, value.value]),
    [
      ["host", "beta"],
      ["code", 7],
      ["ok", false],
    ],
  );
  assert.deepEqual(said(await all(serve({ lines: 1 }))), ["three"]);
});

test("what an earlier life said last comes before what is held, once, with a stack where it belongs", async () => {
  const held = [line(30, 10, "held one"), line(30, 11, "held two")];
  const texts = [line(30, 1, "old"), "Error: at last", "    at foo", ...held];
  const other = JSON.stringify({ level: 30, time: 2, role: "aggregator", msg: "of another daemon" });
  const read: LogArchive = { read: async (most) => [other, ...texts].map(archived).slice(-most) };
  const { serve } = setUp(held, read);
  const responses = await all(serve({}));
  assert.deepEqual(said(responses), ["old", "Error: at last", "    at foo", "held one", "held two"]);
  const lines = responses.flatMap((response) => response.lines);
  assert.deepEqual(
    lines.map(({ level, timeUnixMs }) => [level, Number(timeUnixMs)]),
    [
      [LogLevel.INFO, 1],
      [LogLevel.ERROR, 1],
      [LogLevel.ERROR, 1],
      [LogLevel.INFO, 10],
      [LogLevel.INFO, 11],
    ],
  );
  assert.deepEqual(said(await all(serve({ lines: 3 }))), ["    at foo", "held one", "held two"]);
});

test("where the older lines can't be read, those in memory are shown, and why there are no others", async () => {
  const read: LogArchive = { read: () => Promise.reject(new Error("the disk is gone")) };
  const { serve } = setUp([line(30, 10, "held")], read);
  assert.deepEqual(said(await all(serve({}))), ["what was written before this can't be read: the disk is gone", "held"]);
});

test("who follows gets lines as they are written, those of a burst together, and hears every 10 s from a daemon that is quiet", async () => {
  const { clock, ring, serve, stop } = setUp([line(30, 1, "one")]);
  const responses = serve({ follow: true });
  assert.deepEqual(said([(await responses.next()).value]), ["one"]);
  assert.equal((await responses.next()).value?.caughtUp, true);
  const more = responses.next();
  await settle();
  ring.add(line(30, 2, "two"));
  await settle();
  ring.add(line(30, 3, "three"));
  await clock.advance(200);
  assert.deepEqual(said([(await more).value]), ["two", "three"]);
  const beat = responses.next();
  await clock.advance(9000);
  assert.equal(await Promise.race([beat.then(() => "said"), settle().then(() => "quiet")]), "quiet");
  await clock.advance(1500);
  assert.deepEqual([said([(await beat).value]), (await beat).value?.position?.written], [[], 3n]);
  const last = responses.next();
  stop.abort();
  assert.equal((await last).done, true);
});

test("a reader that is too slow is told what it missed, and one that comes back goes on where it was", async () => {
  const { ring, serve } = setUp([], undefined, 5);
  for (let index = 0; index < 5; index += 1) ring.add(line(30, index, `line ${index}`));
  const [before] = (await all(serve({}))).slice(-1);
  assert.deepEqual([before?.position?.epoch, before?.position?.written], ["e-1", 5n]);
  ring.add(line(30, 5, "line 5"));
  const again = await all(serve({ after: before?.position }));
  assert.deepEqual([said(again), again[0]?.missed], [["line 5"], 0n]);
  for (let index = 6; index < 20; index += 1) ring.add(line(30, index, `line ${index}`));
  const late = await all(serve({ after: before?.position }));
  assert.deepEqual([said(late).length, said(late)[0], late[0]?.missed], [5, "line 15", 10n]);
});

test("after a restart the whole new life is sent, and that it is one is said", async () => {
  const { serve } = setUp([line(30, 1, "began"), line(30, 2, "serves")]);
  const [first, ...more] = await all(serve({ after: { epoch: "e-0", written: 700n } }));
  assert.deepEqual([first?.restarted, said([first as ReadLogResponse]), more.length], [true, ["began", "serves"], 0]);
});

test("places beyond what was ever written are none", async () => {
  const { serve } = setUp([line(30, 1, "one")]);
  const [only] = await all(serve({ after: { epoch: "e-1", written: 18_446_744_073_709_551_615n } }));
  assert.deepEqual([only?.lines.length, only?.missed, only?.caughtUp], [0, 0n, true]);
});

test("a level that nobody asked for moves a reader's place on", async () => {
  const { clock, ring, serve } = setUp();
  const responses = serve({ follow: true, minLevel: LogLevel.ERROR });
  await responses.next();
  const next = responses.next();
  for (let index = 0; index < 12; index += 1) {
    ring.add(line(20, index, "quiet"));
    await clock.advance(1000);
  }
  assert.ok(Number((await next).value?.position?.written) > 8);
  await responses.return(undefined);
});

test("readers beyond the limit are sent away, until one leaves", async () => {
  const { serve } = setUp();
  const [one, two] = [serve({ follow: true }), serve({ follow: true })];
  await Promise.all([one.next(), two.next()]);
  await assert.rejects(serve({ follow: true }).next(), /there are 2 readers of this log already/);
  await one.return(undefined);
  assert.equal((await serve({}).next()).done, false);
  await two.return(undefined);
});

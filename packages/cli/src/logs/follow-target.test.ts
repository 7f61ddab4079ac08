import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { aborted } from "@mosaic/core";
import { MosaicError } from "@mosaic/core/light";
import { connectInMemory } from "@mosaic/rpc";
import { FakeClock, stubHandlers } from "@mosaic/testkit";
import { type ReadLogRequest, ReadLogResponseSchema } from "@mosaic/wire";
import { followTarget, type LogNews } from "./follow-target.ts";

type Told = MessageInitShape<typeof ReadLogResponseSchema>;

const target = { tenantId: "team-a", host: "alpha", aggregatorId: "" };
const source = { tenantId: "team-a", host: "alpha", asOfUnixMs: 5n };
const line = (message: string) => ({ message, timeUnixMs: 1n });

/** What is told on one call after the other; the last one stays open, or is refused. */
async function follow(calls: readonly (readonly Told[] | MosaicError)[], { isSilent = false } = {}) {
  const clock = new FakeClock();
  const asked: ReadLogRequest[] = [];
  const stop = new AbortController();
  const handlers = stubHandlers({
    async *readLog(request, { signal }) {
      const told = calls[asked.length] ?? [];
      asked.push(request);
      if (told instanceof MosaicError) throw told;
      for (const each of told) yield create(ReadLogResponseSchema, each);
      if (asked.length < calls.length && !isSilent) return;
      await aborted(signal);
    },
  });
  await using connection = connectInMemory(handlers);
  const news: string[] = [];
  const onNews = (_target: unknown, each: LogNews) => news.push(textOf(each));
  const following = followTarget(
    { client: connection.client, clock, onNews },
    target,
    { host: "alpha", follow: true },
    stop.signal,
  );
  for (let turn = 0; turn < (isSilent ? 30 : 10); turn += 1) await clock.advance(2000);
  stop.abort();
  return { news, asked, error: await following };
}

function textOf(news: LogNews): string {
  if (news.kind === "lines") return news.lines.map((each) => each.line.message).join();
  if (news.kind === "gap") return `gap ${news.missed}${news.isRestarted ? " restarted" : ""}`;
  return news.kind === "lost" ? `lost ${news.error.message}` : news.kind;
}

test("a stream that is lost is taken up where it was, and what is missing is told in its place", async () => {
  const position = { epoch: "e", written: 7n };
  const { news, asked } = await follow([
    [
      { source, lines: [line("one")] },
      { caughtUp: true, position },
    ],
    new MosaicError("HOST_UNREACHABLE", "connection refused"),
    [{ source, missed: 3n, lines: [line("five")] }],
  ]);
  assert.deepEqual(news, ["one", "caught-up", "lost the stream ended", "back", "gap 3", "five"]);
  assert.deepEqual([asked[0]?.after, asked[1]?.after?.written, asked[2]?.after?.written], [undefined, 7n, 7n]);
});

test("a daemon that was started anew is a gap of which nobody knows how long it is", async () => {
  const { news } = await follow([[{ source, caughtUp: true }], [{ source, restarted: true, lines: [line("began")] }]]);
  assert.deepEqual(news.slice(-3), ["back", "gap 0 restarted", "began"]);
});

test("a stream on which not even a sign of life comes is lost after 35 s", async () => {
  const { news, asked } = await follow([[{ source, caughtUp: true }], []], { isSilent: true });
  assert.ok(news.includes("lost nothing was heard for 35 s"), news.join("; "));
  assert.ok(asked.length >= 2);
});

test("what no other attempt will cure is not tried again", async () => {
  const { news, asked, error } = await follow([new MosaicError("NOT_ALLOWED", "no"), []]);
  assert.deepEqual([news, asked.length, error?.code], [[], 1, "NOT_ALLOWED"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { LogLevel, type LogLine, LogLineSchema, LogSourceSchema } from "@mosaic/wire";
import { clockOff, mergeLines, placeLines } from "./fleet-log-line.ts";

const told = (timeUnixMs: number, message: string): LogLine =>
  create(LogLineSchema, { timeUnixMs: BigInt(timeUnixMs), message, level: LogLevel.INFO });
const sourceOf = (host: string, asOf = 10_000, passedOn = 10_000) =>
  create(LogSourceSchema, { tenantId: "team-a", host, asOfUnixMs: BigInt(asOf), passedOnUnixMs: BigInt(passedOn) });
const said = (placed: ReturnType<typeof mergeLines>) => placed.map(({ line }) => line.message);

test("lines of several hosts are one, by time, and the last so many of all are kept", () => {
  const alpha = placeLines(sourceOf("alpha"), [told(1, "a1"), told(5, "a5")], 10_000);
  const beta = placeLines(sourceOf("beta"), [told(2, "b2"), told(5, "b5"), told(9, "b9")], 10_000);
  assert.deepEqual(said(mergeLines([alpha, beta], 9)), ["a1", "b2", "a5", "b5", "b9"]);
  assert.deepEqual(said(mergeLines([alpha, beta], 2)), ["b5", "b9"]);
});

test("a line without a time stays after the one before it, and a clock that was set back changes no order", () => {
  const alpha = placeLines(
    sourceOf("alpha"),
    [told(7, "failed"), told(0, "    at foo"), told(3, "set back"), told(8, "later")],
    10_000,
  );
  const beta = placeLines(sourceOf("beta"), [told(5, "b5")], 10_000);
  assert.deepEqual(said(mergeLines([alpha, beta], 9)), ["b5", "failed", "    at foo", "set back", "later"]);
  assert.deepEqual(
    alpha.map(({ line }) => line.time_unix_ms),
    [7, null, 3, 8],
  );
});

test("lines of a host whose clock is off are placed by their age, which is told; within 2 s clocks are one", () => {
  const hour = 3_600_000;
  const ahead = sourceOf("beta", 10_000 + hour, 10_000);
  assert.deepEqual(
    [clockOff(ahead), clockOff(sourceOf("gamma", 12_000, 10_000)), clockOff(sourceOf("own", 99, 0))],
    [hour, undefined, undefined],
  );
  const alpha = placeLines(sourceOf("alpha"), [told(4000, "a"), told(8000, "c")], 10_000);
  const beta = placeLines(ahead, [told(6000 + hour, "b")], 10_000 + hour);
  assert.deepEqual(said(mergeLines([alpha, beta], 9)), ["a", "b", "c"]);
  assert.deepEqual([beta[0]?.line.age_ms, beta[0]?.line.time_unix_ms, alpha[0]?.line.age_ms], [4000, 6000 + hour, null]);
});

test("what a line says else keeps its kind, whatever its name is", () => {
  const line = create(LogLineSchema, {
    fields: [
      { name: "__proto__", value: { case: "text", value: "x" } },
      { name: "code", value: { case: "number", value: 7 } },
      { name: "ok", value: { case: "flag", value: false } },
    ],
  });
  const [placed] = placeLines(sourceOf("alpha"), [line], 10_000);
  assert.equal(JSON.stringify(placed?.line.fields), '{"__proto__":"x","code":7,"ok":false}');
});

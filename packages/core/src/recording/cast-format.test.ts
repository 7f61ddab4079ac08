import assert from "node:assert/strict";
import { test } from "node:test";
import { type CastEvent, formatCastEvent, formatCastHeader, parseCastEvent, parseCastHeader } from "./cast-format.ts";

test("the first line is a header as asciicast v2 has it, with whole seconds", () => {
  const header = { columns: 100, rows: 30, startedUnixMs: 1_504_467_315_900, title: "team-a/alpha/lead" };
  assert.equal(
    formatCastHeader(header),
    '{"version":2,"width":100,"height":30,"timestamp":1504467315,"title":"team-a/alpha/lead"}\n',
  );
  assert.deepEqual(parseCastHeader(formatCastHeader(header)), { ...header, startedUnixMs: 1_504_467_315_000 });
});

test("only the required attributes are required", () => {
  const none = { startedUnixMs: undefined, title: undefined };
  assert.deepEqual(parseCastHeader('{"version": 2, "width": 80, "height": 24}'), { columns: 80, rows: 24, ...none });
});

test("what is no header of version 2 is none", () => {
  for (const line of [
    "",
    "{",
    "[]",
    "null",
    '{"version":3,"term":{"cols":80,"rows":24}}',
    '{"version":2,"width":0,"height":24}',
    '{"version":2,"width":80.5,"height":24}',
    '{"version":2,"width":80,"height":99999}',
    '{"version":2,"width":"80","height":24}',
  ])
    assert.equal(parseCastHeader(line), undefined, line);
});

test("events are lines of three, in seconds with six digits", () => {
  const lines = (event: CastEvent) => formatCastEvent(event);
  assert.equal(lines({ atMs: 248.848, kind: "output", text: "\x1b[1mä\r\n" }), '[0.248848, "o", "\\u001b[1mä\\r\\n"]\n');
  assert.equal(lines({ atMs: 4_050_000, kind: "resized", columns: 80, rows: 24 }), '[4050.000000, "r", "80x24"]\n');
  assert.equal(lines({ atMs: 1_000.0004, kind: "marker", label: "" }), '[1.000000, "m", ""]\n');
  assert.equal(lines({ atMs: 0.9999, kind: "other", code: "i", data: "q" }), '[0.001000, "i", "q"]\n');
});

test("every kind of event is read as it was written", () => {
  const events: CastEvent[] = [
    { atMs: 1.5, kind: "output", text: "\x00\x7f\u2028\ud83d\ude42\ufffd\\" },
    { atMs: 2, kind: "resized", columns: 120, rows: 40 },
    { atMs: 3, kind: "marker", label: "output is missing here" },
    { atMs: 4, kind: "other", code: "x", data: "0" },
  ];
  for (const event of events) assert.deepEqual(parseCastEvent(formatCastEvent(event)), event);
});

test("long output becomes several lines, and no character is torn", () => {
  const text = `x${"🙂".repeat(5000)}`;
  const lines = formatCastEvent({ atMs: 1, kind: "output", text }).trimEnd().split("\n");
  assert.ok(lines.length > 2);
  assert.ok(lines.every((line) => line.length < 5000 && line.isWellFormed()));
  const read = lines.map((line) => parseCastEvent(line));
  assert.equal(read.map((event) => (event?.kind === "output" ? event.text : "")).join(""), text);
  assert.equal(formatCastEvent({ atMs: 1, kind: "output", text: "" }), "");
});

test("what is no event is none", () => {
  for (const line of [
    "",
    "{}",
    "[1]",
    '[1,"o"]',
    '["1","o","x"]',
    '[-1,"o","x"]',
    '[1,"r","80"]',
    '[1,"r","0x0"]',
    '[1,"o",5]',
    '[1,"o","x',
  ])
    assert.equal(parseCastEvent(line), undefined, line);
});

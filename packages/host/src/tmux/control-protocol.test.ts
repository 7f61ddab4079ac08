import assert from "node:assert/strict";
import { test } from "node:test";
import { type ControlEvent, ControlParser } from "./control-protocol.ts";

function parse(chunks: readonly (string | Buffer)[], maxBlockBytes = 1_000): ControlEvent[] {
  const events: ControlEvent[] = [];
  const parser = new ControlParser(maxBlockBytes, (event) => events.push(event));
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  return events;
}

const reply = (lines: readonly string[], more: object = {}) => ({
  kind: "reply",
  isOk: true,
  isOurs: true,
  lines,
  isCut: false,
  ...more,
});

test("a block between begin and end is one reply with its lines", () => {
  assert.deepEqual(parse(["%begin 17 271 1\nfirst\n\nthird\n%end 17 271 1\n"]), [reply(["first", "", "third"])]);
});

test("an error block is a reply that failed, with the message", () => {
  assert.deepEqual(parse(["%begin 17 9 1\ncan't find pane: %9\n%error 17 9 1\n"]), [
    reply(["can't find pane: %9"], { isOk: false }),
  ]);
});

test("the reply to the command that the client was started with is not ours", () => {
  assert.deepEqual(parse(["%begin 17 9 0\n%end 17 9 0\n"]), [reply([], { isOurs: false })]);
});

test("a screen that shows guards of other blocks does not end the block", () => {
  const screen = ["%end 17 270 1", "%error 16 271 1", "%begin 17 271 1", "%sessions-changed", "%end 17 271 12"];
  assert.deepEqual(parse([`%begin 17 271 1\n${screen.join("\n")}\n%end 17 271 1\n`]), [reply(screen)]);
});

test("notifications have a name and the rest of the line", () => {
  assert.deepEqual(parse(["%sessions-changed\n%session-renamed $1 a b\n%output %1 a\\012\n"]), [
    { kind: "notification", name: "sessions-changed", rest: "" },
    { kind: "notification", name: "session-renamed", rest: "$1 a b" },
    { kind: "notification", name: "output", rest: "%1 a\\012" },
  ]);
});

test("chunks may be cut anywhere, also inside a character", () => {
  const bytes = Buffer.from("%begin 1 2 1\nzoë 漢字 🎉\n%end 1 2 1\n%exit\n");
  const expected = [reply(["zoë 漢字 🎉"]), { kind: "notification", name: "exit", rest: "" }];
  assert.deepEqual(parse(Array.from(bytes, (byte) => Buffer.of(byte))), expected);
  assert.deepEqual(parse([bytes]), expected);
});

test("a chunk's buffer may be used again by the stream", () => {
  const events: ControlEvent[] = [];
  const parser = new ControlParser(100, (event) => events.push(event));
  const buffer = Buffer.from("%session");
  parser.push(buffer);
  buffer.fill("x");
  parser.push(Buffer.from("s-changed\n"));
  assert.deepEqual(events, [{ kind: "notification", name: "sessions-changed", rest: "" }]);
});

test("a block over the limit is cut and says so, and the next one is whole", () => {
  const events = parse(["%begin 1 2 1\n12345\n12345\n12345\n%end 1 2 1\n", "%begin 1 3 1\nok\n%end 1 3 1\n"], 12);
  assert.deepEqual(events, [reply(["12345", "12345"], { isCut: true }), reply(["ok"])]);
});

test("one endless line in a block is cut, in any number of chunks", () => {
  const events = parse(["%begin 1 2 1\n", ..."abcdefghijklmnopqrstuvwxyz".split(""), "\n%end 1 2 1\n"], 20);
  assert.deepEqual(events, [reply([], { isCut: true })]);
});

test("of a long notification only the beginning is kept", () => {
  const [event] = parse([`%output %1 ${"x".repeat(5_000)}`, "y".repeat(100_000), "\n"]);
  assert.ok(event?.kind === "notification" && event.name === "output" && event.rest.length < 1_024);
});

test("a line outside of blocks that is no notification is ignored", () => {
  assert.deepEqual(parse(["\u001bP1000p\nhello\n%exit\n"]), [{ kind: "notification", name: "exit", rest: "" }]);
});

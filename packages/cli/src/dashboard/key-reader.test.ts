import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryIo } from "../io/memory-io.ts";
import { type Key, keysIn, readKeys } from "./key-reader.ts";

const names = (sent: string, isLast = false) =>
  keysIn(sent, isLast).keys.map((key) => ("text" in key ? key.text : `<${key.name}>`));

test("keys have names, however the terminal sends them", () => {
  assert.deepEqual(names("\x1b[A\x1bOB\x1b[5~j\r\x7f\x03"), [
    "<up>",
    "<down>",
    "<page-up>",
    "j",
    "<enter>",
    "<backspace>",
    "<interrupt>",
  ]);
});

test("letters that come together are keys of their own, and none is cut in two", () => {
  assert.deepEqual(names("jj😀é"), ["j", "j", "😀", "é"]);
});

test("what means nothing here is no key, and takes nothing along", () => {
  assert.deepEqual(names("\x1b[1;5Ca\x1bxb\x00c"), ["a", "b", "c"]);
});

test("an Esc alone is one once nothing follows; the beginning of a sequence waits for its rest", () => {
  assert.deepEqual([names("\x1b"), names("\x1b", true), names("\x1b\x1b", true)], [[], ["<escape>"], ["<escape>", "<escape>"]]);
  assert.deepEqual(keysIn("a\x1b[", false), { keys: [{ name: "text", text: "a" }], rest: "\x1b[" });
});

test("a paste is one key with its line breaks, also when it comes in pieces", () => {
  const io = memoryIo({ terminal: { columns: 80, rows: 24 } });
  const keys: Key[] = [];
  using _reading = readKeys(io, (key) => keys.push(key));
  io.press("\x1b[200~q first");
  io.press(" line\nsecond\x1b[20");
  assert.deepEqual(keys, []);
  io.press("1~x");
  assert.deepEqual(keys, [
    { name: "paste", text: "q first line\nsecond" },
    { name: "text", text: "x" },
  ]);
});

test("a terminal is left as it was found", () => {
  const io = memoryIo({ terminal: { columns: 80, rows: 24 } });
  readKeys(io, () => {})[Symbol.dispose]();
  assert.deepEqual([io.stdout.text, io.isRaw], ["\x1b[?2004h\x1b[?2004l", false]);
});

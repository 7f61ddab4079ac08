import assert from "node:assert/strict";
import { test } from "node:test";
import type { MosaicError } from "../errors.ts";
import { readCast } from "./cast-reader.ts";

const HEADER = '{"version":2,"width":80,"height":24}\n';

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(text: string, size: number) {
  const reader = await readCast(chunks(text, size), "it");
  const events = [];
  for await (const event of reader.events) events.push(event);
  return { header: reader.header, events, skippedLines: reader.skippedLines };
}

test("a recording reads the same however it is cut", async () => {
  const text = `${HEADER}[0.1, "o", "ä🙂"]\n[0.2, "r", "90x20"]\n[0.3, "o", "漢"]\n`;
  const whole = await read(text, 1000);
  assert.deepEqual(whole.events, [
    { atMs: 100, kind: "output", text: "ä🙂" },
    { atMs: 200, kind: "resized", columns: 90, rows: 20 },
    { atMs: 300, kind: "output", text: "漢" },
  ]);
  for (const size of [1, 2, 3, 7]) assert.deepEqual(await read(text, size), whole);
});

test("a last line that is torn, and nonsense between, are counted and left out", async () => {
  const { events, skippedLines } = await read(`${HEADER}[0.1, "o", "a"]\nwhat?\n\n[0.2, "o", "b"]\n[0.3, "o", "c`, 10);
  assert.deepEqual([events.length, skippedLines], [2, 2]);
});

test("a file of something else is refused by name, an empty one too", async () => {
  for (const text of ["", "hello\n", '{"version":1}\n'])
    await assert.rejects(
      read(text, 100),
      (error: MosaicError) => error.code === "USAGE" && /"it" is no recording/.test(error.message),
    );
});

test("a line without end does not fill the memory", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(HEADER);
    for (;;) yield new Uint8Array(1_048_576).fill(0x61);
  }
  const reader = await readCast(endless(), "it");
  await assert.rejects(async () => {
    for await (const _event of reader.events) assert.fail("there is none");
  }, /a line of more than/);
});

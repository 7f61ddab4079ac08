import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryIo } from "../io/memory-io.ts";
import { DetachableKeys, type KeysEnd } from "./detachable-keys.ts";

/** Types chunks with no time in between, then lets all the time pass that anybody waits for, and tells what is passed on. */
async function passedOn(...chunks: string[]): Promise<{ end: KeysEnd | "open"; keys: string; isRaw: boolean }> {
  const waits: (() => void)[] = [];
  const sleep = () => new Promise<void>((resolve) => waits.push(resolve));
  const clock = { nowUnixMs: () => 0, monotonicMs: () => 0, sleep };
  const io = memoryIo({ terminal: { columns: 80, rows: 24 }, clock });
  const keys = new DetachableKeys(io);
  const open = keys.open();
  for (const chunk of chunks) io.press(chunk);
  for (const wake of waits) wake();
  const later = new Promise<"open">((resolve) => setImmediate(() => resolve("open")));
  const end = await Promise.race([keys.ended, later]);
  keys.end();
  open[Symbol.dispose]();
  const bytes: number[] = [];
  for await (const chunk of keys) for (const byte of chunk) bytes.push(byte);
  return { end, keys: Buffer.from(bytes).toString("utf8"), isRaw: io.isRaw };
}

test("every key is passed on as it is, Ctrl-C, Esc and q too", async () => {
  const chunks = ["a", "\x03", "\x1b", "\x1b[A", "q", "\x04", "ü🎉", "\x1a\x1c\x00", "\x1b[200~x\ry\x1b[201~"];
  assert.deepEqual(await passedOn(...chunks), { end: "open", keys: chunks.join(""), isRaw: false });
});

test("Ctrl-] alone leaves, and what was typed before it is still passed on", async () => {
  assert.deepEqual(await passedOn("ab", "c\x1d"), { end: "detached", keys: "abc", isRaw: false });
});

test("Ctrl-] twice is one Ctrl-] for the agent, in one chunk or two", async () => {
  assert.deepEqual(await passedOn("a\x1d\x1db"), { end: "open", keys: "a\x1db", isRaw: false });
  assert.deepEqual(await passedOn("a", "\x1d", "\x1d", "b"), { end: "open", keys: "a\x1db", isRaw: false });
});

test("another key right after Ctrl-] leaves too, and is not passed on, nor is anything after it", async () => {
  assert.deepEqual(await passedOn("a\x1db\x1d\x1dc", "d"), { end: "detached", keys: "a", isRaw: false });
  assert.deepEqual(await passedOn("\x1d\x1d\x1d", "x"), { end: "detached", keys: "\x1d", isRaw: false });
});

test("more than may wait ends the keys and says so", async () => {
  const { end, keys } = await passedOn(...Array.from({ length: 80 }, () => "x".repeat(64 * 1024)));
  assert.deepEqual([end, keys.length], ["overrun", 65 * 64 * 1024]);
});

test("a chunk is never larger than a message may be", async () => {
  const io = memoryIo({ terminal: { columns: 80, rows: 24 } });
  const keys = new DetachableKeys(io);
  using _open = keys.open();
  io.press("x".repeat(200_000));
  keys.end();
  const sizes: number[] = [];
  for await (const chunk of keys) sizes.push(chunk.length);
  assert.deepEqual(sizes, [65_536, 65_536, 65_536, 3392]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createUtf8Stream } from "./utf8-stream.ts";

const encode = (text: string) => new TextEncoder().encode(text);

test("text is the same however its bytes are cut", () => {
  const text = "a\ufeffä漢🙂\ufeffz";
  const bytes = encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const stream = createUtf8Stream();
    let read = "";
    for (let start = 0; start < bytes.length; start += size) read += stream.push(bytes.subarray(start, start + size));
    assert.equal(read + stream.end(), text);
  }
});

test("bytes that are no UTF-8 become replacement characters, and the rest stays", () => {
  const stream = createUtf8Stream();
  assert.equal(stream.push(Uint8Array.of(0x61, 0xff, 0x62, 0xc3)), "a\ufffdb");
  assert.equal(stream.push(encode("c")), "\ufffdc");
});

test("a character that never ends is told at the end, and the next text starts anew", () => {
  const stream = createUtf8Stream();
  assert.equal(stream.push(Uint8Array.of(0xf0, 0x9f)), "");
  assert.equal(stream.end(), "\ufffd");
  assert.equal(stream.push(encode("ok")), "ok");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { EnvelopeSplitter } from "./read-envelopes.ts";

const texts = ["", "a", "the second", "x".repeat(300)];
const stream = Buffer.concat(texts.map((text, index) => encodeEnvelope(index, Buffer.from(text))));

function read(pieces: readonly Buffer[], maxBytes = 1000): [flags: number, text: string][] {
  const splitter = new EnvelopeSplitter(maxBytes);
  const envelopes = pieces.flatMap((piece) => splitter.take(piece));
  splitter.end();
  return envelopes.map(({ flags, data }) => [flags, Buffer.from(data).toString("utf8")]);
}

test("envelopes are read whatever the borders of the pieces they come in", () => {
  for (let size = 1; size <= stream.length; size += 1) {
    const count = Math.ceil(stream.length / size);
    const pieces = Array.from({ length: count }, (_, index) => stream.subarray(index * size, (index + 1) * size));
    assert.deepEqual(
      read(pieces),
      texts.map((text, index) => [index, text]),
      `in pieces of ${size} bytes`,
    );
  }
});

test("an envelope larger than allowed is refused by its head, before its bytes come", () => {
  const isTooLarge = (thrown: unknown) => thrown instanceof ConnectError && thrown.code === Code.ResourceExhausted;
  assert.throws(() => read([Buffer.from(encodeEnvelope(0, Buffer.alloc(1001))).subarray(0, 5)]), isTooLarge);
});

test("a stream that ends within an envelope is a connection that broke", () => {
  const isBroken = (thrown: unknown) => thrown instanceof ConnectError && thrown.code === Code.Aborted;
  assert.throws(() => read([stream.subarray(0, -1)]), isBroken);
  assert.throws(() => read([stream, Buffer.from([0])]), isBroken);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { readEnvelopes } from "./read-envelopes.ts";

const texts = ["", "a", "the second", "x".repeat(300)];
const stream = Buffer.concat(texts.map((text, index) => encodeEnvelope(index, Buffer.from(text))));

async function read(pieces: readonly Buffer[], maxBytes = 1000): Promise<[flags: number, text: string][]> {
  const arriving = (async function* () {
    yield* pieces;
  })();
  const envelopes: [number, string][] = [];
  for await (const { flags, data } of readEnvelopes(arriving, maxBytes))
    envelopes.push([flags, Buffer.from(data).toString("utf8")]);
  return envelopes;
}

test("envelopes are read whatever the borders of the pieces they come in", async () => {
  for (let size = 1; size <= stream.length; size += 1) {
    const count = Math.ceil(stream.length / size);
    const pieces = Array.from({ length: count }, (_, index) => stream.subarray(index * size, (index + 1) * size));
    assert.deepEqual(
      await read(pieces),
      texts.map((text, index) => [index, text]),
      `in pieces of ${size} bytes`,
    );
  }
});

test("an envelope larger than allowed is refused by its head, before its bytes come", async () => {
  const isTooLarge = (thrown: unknown) => thrown instanceof ConnectError && thrown.code === Code.ResourceExhausted;
  await assert.rejects(read([Buffer.from(encodeEnvelope(0, Buffer.alloc(1001))).subarray(0, 5)]), isTooLarge);
});

test("a stream that ends within an envelope is a connection that broke", async () => {
  const isBroken = (thrown: unknown) => thrown instanceof ConnectError && thrown.code === Code.Aborted;
  await assert.rejects(read([stream.subarray(0, -1)]), isBroken);
  await assert.rejects(read([stream, Buffer.from([0])]), isBroken);
});

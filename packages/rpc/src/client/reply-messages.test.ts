import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { ReplyMessages } from "./reply-messages.ts";

const MAX_BYTES = 1000;
const END = encodeEnvelope(endStreamFlag, Buffer.from("{}"));
const message = (text: string) => encodeEnvelope(0, Buffer.from(text));
const isCode = (code: Code) => (thrown: unknown) => thrown instanceof ConnectError && thrown.code === code;

/** A reply whose bytes come when the test pushes them. */
function reply() {
  const source = new Readable({ read() {} });
  const parse = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString("utf8");
    if (text === "bad") throw new Error("no such message");
    return text;
  };
  const messages = new ReplyMessages(source as unknown as IncomingMessage, MAX_BYTES, parse);
  return { source, messages };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("messages come in order, those that were asked for before they came too, and the end after them", async () => {
  const { source, messages } = reply();
  const first = messages.next();
  source.push(Buffer.concat([message("a"), message("b"), END]));
  source.push(null);
  assert.deepEqual(await first, { done: false, value: "a" });
  assert.deepEqual(await messages.next(), { done: false, value: "b" });
  assert.deepEqual(await messages.next(), { done: true, value: undefined });
  assert.deepEqual(await messages.next(), { done: true, value: undefined });
});

test("a reply whose messages nobody asks for is paused, and goes on when they were read", async () => {
  const { source, messages } = reply();
  source.push(message("a"));
  await turn();
  assert.equal(source.isPaused(), true);
  source.push(message("b"));
  await turn();
  assert.equal((await messages.next()).value, "a");
  assert.equal((await messages.next()).value, "b");
  assert.equal(source.isPaused(), false);
});

test("what the server ended the stream with is thrown after the messages before it", async () => {
  const { source, messages } = reply();
  const end = encodeEnvelope(endStreamFlag, Buffer.from(JSON.stringify({ error: { code: "not_found", message: "no" } })));
  source.push(Buffer.concat([message("a"), end]));
  assert.equal((await messages.next()).value, "a");
  await assert.rejects(messages.next(), isCode(Code.NotFound));
});

test("a connection that breaks, or ends without a word, is ABORTED, after the messages before it", async () => {
  const ends: ((source: Readable) => void)[] = [
    (source) => source.push(null),
    (source) => source.destroy(),
    (source) => source.destroy(new Error("ECONNRESET")),
  ];
  for (const end of ends) {
    const { source, messages } = reply();
    source.push(message("a"));
    await turn();
    end(source);
    await turn();
    assert.equal((await messages.next()).value, "a");
    await assert.rejects(messages.next(), isCode(Code.Aborted));
  }
});

test("a message that is too large, or none, ends the reply", async () => {
  const large = reply();
  large.source.push(encodeEnvelope(0, Buffer.alloc(MAX_BYTES + 1)));
  await assert.rejects(large.messages.next(), isCode(Code.ResourceExhausted));
  assert.equal(large.source.destroyed, true);
  const bad = reply();
  bad.source.push(Buffer.concat([message("bad"), message("a")]));
  await assert.rejects(bad.messages.next(), /no such message/);
  assert.equal(bad.source.destroyed, true);
});

test("leaving early ends the reply", async () => {
  const { source, messages } = reply();
  const waiting = messages.next();
  await messages.return();
  assert.equal(source.destroyed, true);
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

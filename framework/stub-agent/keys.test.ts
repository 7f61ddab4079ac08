import assert from "node:assert/strict";
import { test } from "node:test";

type Key = { type: string; text?: string };
type Decoder = { decode(bytes: Buffer): Key[]; flush(): void; isHolding(): boolean };
const { createKeyDecoder }: { createKeyDecoder(): Decoder } = await import(new URL("./keys.mjs", import.meta.url).href);

/** Feeds pieces and joins neighbouring text keys, since how text is cut into reads does not matter. */
function decoded(pieces: Buffer[]): Key[] {
  const decoder = createKeyDecoder();
  const keys: Key[] = [];
  for (const key of pieces.flatMap((piece) => decoder.decode(piece))) {
    const last = keys.at(-1);
    if (key.type === "text" && last?.type === "text") last.text = `${last.text}${key.text}`;
    else keys.push({ ...key });
  }
  return keys;
}

const session = "hé\x1b[A🎉\x7f\x15\x03\x1b[200~pasted 漢\r\n\x1b[31m\x03\x1b[201\x1b[201~\tafter\nline\x1bOP\x00\x1b[1;5Dz\r";
const expected: Key[] = [
  { type: "text", text: "hé🎉" },
  { type: "backspace" },
  { type: "clear" },
  { type: "interrupt" },
  { type: "paste", text: "pasted 漢\r\n\x1b[31m\x03\x1b[201" },
  { type: "text", text: "\tafter\nlinez" },
  { type: "enter" },
];

test("keys, pastes and sequences are told apart, and a paste is kept exactly", () => {
  assert.deepEqual(decoded([Buffer.from(session)]), expected);
});

test("it does not matter where the reads are cut, not even inside a character or a mark", () => {
  const bytes = Buffer.from(session);
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.deepEqual(decoded([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `cut at ${cut}`);
  assert.deepEqual(decoded([...bytes].map((byte) => Buffer.from([byte]))), expected);
});

test("a lone Escape is given up, and does not swallow what comes next", () => {
  const decoder = createKeyDecoder();
  assert.deepEqual(decoder.decode(Buffer.from("a\x1b")), [{ type: "text", text: "a" }]);
  assert.equal(decoder.isHolding(), true);
  decoder.flush();
  assert.deepEqual(decoder.decode(Buffer.from("b")), [{ type: "text", text: "b" }]);
  assert.deepEqual(decoded([Buffer.from("\x1b\x1b[200~x\x1b[201~")]), [{ type: "paste", text: "x" }]);
});

test("a flush in the middle of a paste loses nothing", () => {
  const decoder = createKeyDecoder();
  decoder.decode(Buffer.from("\x1b[200~one\x1b[20"));
  assert.equal(decoder.isHolding(), false);
  decoder.flush();
  assert.deepEqual(decoder.decode(Buffer.from("1~")), [{ type: "paste", text: "one" }]);
});

test("a paste of 256 KiB in reads of 1000 bytes is one paste", () => {
  const text = "añ漢🎉\n".repeat(30_000).slice(0, 131_072);
  const bytes = Buffer.from(`\x1b[200~${text}\x1b[201~`);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, index) =>
    bytes.subarray(index * 1000, index * 1000 + 1000),
  );
  assert.deepEqual(decoded(pieces), [{ type: "paste", text }]);
});
